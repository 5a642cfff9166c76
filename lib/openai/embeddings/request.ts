/** What a client may send to `/v1/embeddings`. */
import { z } from "zod";
import type { TextBounds } from "../../json-text.ts";
import type { ImagePart } from "../../media/types.ts";
import { tokensPerImage } from "../chat/prompt-bound.ts";
import { embeddingsInput, hasParts, maxInputs, maxTokens, partsOfEntry } from "./input.ts";

/** Token ids are numbers, which are quick to parse: so there may be more of them than of the values of a chat. */
export const embeddingsBounds: TextBounds = { levels: 8, values: maxTokens + maxInputs + 100 };

export const embeddingsRequest = z.object({
  model: z.string().max(256).nullish(),
  input: embeddingsInput,
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.number().int().min(1).max(65_536).nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

/** What a model puts around a text. */
const tokensPerInput = 8;

/** More tokens than the input can have: no token of text has less than a byte, nor has a token id; base64 is no text. */
export function embeddingsPromptTokens(call: EmbeddingsRequest, bodyBytes: number): number {
  const { input } = call;
  const tokens = bodyBytes + (typeof input === "string" ? 1 : input.length) * tokensPerInput;
  return embeddingsImages(call).reduce(
    (sum, { part }) => sum + tokensPerImage - part.image_url.url.length,
    tokens,
  );
}

/** The images of a call, and where each stands. */
export function embeddingsImages({ input }: EmbeddingsRequest): { part: ImagePart; path: string }[] {
  if (!hasParts(input)) return [];
  const images: { part: ImagePart; path: string }[] = [];
  for (const { part, path } of input.flatMap(partsOfEntry))
    if (part.type === "image_url") images.push({ part, path: `${path}.image_url.url` });
  return images;
}
