/** What a client may send to `/v1/embeddings`. */
import { z } from "zod";
import type { TextBounds } from "../../json-text.ts";
import { textOrTokens } from "../text-or-tokens.ts";

/** OpenAI's bounds: inputs of a request, and the tokens of all of them together. */
const maxInputs = 2_048;
const maxTokens = 300_000;

/** Token ids are numbers, which are quick to parse: so there may be more of them than of the values of a chat. */
export const embeddingsBounds: TextBounds = { levels: 8, values: maxTokens + maxInputs + 100 };

export const embeddingsRequest = z.object({
  model: z.string().max(256).nullish(),
  input: textOrTokens({ entries: maxInputs, tokens: maxTokens, leastLength: 1 }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.number().int().min(1).max(65_536).nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

/** What a model puts around a text. */
const tokensPerInput = 8;

/** More tokens than the input can have: no token of text has less than a byte, nor has a token id. */
export function embeddingsPromptTokens({ input }: EmbeddingsRequest, bodyBytes: number): number {
  return bodyBytes + (typeof input === "string" ? 1 : input.length) * tokensPerInput;
}
