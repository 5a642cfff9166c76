/** What a client may send to `/v1/embeddings`. */
import { z } from "zod";
import type { TextBounds } from "../../json-text.ts";

/** OpenAI's bounds: inputs of a request, and the tokens of all of them together. */
const maxInputs = 2_048;
const maxTokens = 300_000;
const maxTokenId = 2 ** 31 - 1;

/** Token ids are numbers, which are quick to parse: so there may be more of them than of the values of a chat. */
export const embeddingsBounds: TextBounds = { levels: 8, values: maxTokens + maxInputs + 100 };

/** One text or several, as text or as the model's own token ids. */
export type EmbeddingInput = string | string[] | number[] | number[][];

/** Checked by hand: the branches of a union would each walk 300,000 numbers before they say no. */
const input = z.custom<EmbeddingInput>().superRefine((value, { addIssue }) => {
  const fault = inputFault(value);
  if (fault) addIssue({ code: "custom", message: fault.message, path: fault.path, input: value });
});

export const embeddingsRequest = z.object({
  model: z.string().max(256).nullish(),
  input: input.meta({
    anyOf: [
      { type: "string", minLength: 1 },
      { type: "array", minItems: 1, maxItems: maxInputs, items: { type: "string", minLength: 1 } },
      { type: "array", minItems: 1, maxItems: maxTokens, items: { type: "integer", minimum: 0 } },
      {
        type: "array",
        minItems: 1,
        maxItems: maxInputs,
        items: { type: "array", minItems: 1, items: { type: "integer", minimum: 0 } },
      },
    ],
  }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.number().int().min(1).max(65_536).nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;

interface Fault {
  path: number[];
  message: string;
}

function inputFault(value: unknown): Fault | null {
  if (typeof value === "string") return value === "" ? { path: [], message: "must not be empty" } : null;
  if (!Array.isArray(value) || value.length === 0)
    return {
      path: [],
      message: "must be a text, a list of texts, token ids, or a list of lists of token ids",
    };
  if (typeof value[0] === "number") return tokensFault(value, []);
  if (value.length > maxInputs) return { path: [], message: `may have at most ${maxInputs} entries` };
  const isItem = typeof value[0] === "string" ? textFault : listFault;
  for (const [index, item] of value.entries()) {
    const fault = isItem(item, index);
    if (fault) return fault;
  }
  return null;
}

function textFault(item: unknown, index: number): Fault | null {
  if (typeof item !== "string") return { path: [index], message: "must be a text, as the first entry is" };
  return item === "" ? { path: [index], message: "must not be empty" } : null;
}

function listFault(item: unknown, index: number): Fault | null {
  if (!Array.isArray(item) || item.length === 0)
    return { path: [index], message: "must be a text or a list of token ids" };
  return tokensFault(item, [index]);
}

function tokensFault(tokens: readonly unknown[], path: number[]): Fault | null {
  const wrong = tokens.findIndex(
    (token) => !Number.isInteger(token) || Number(token) < 0 || Number(token) > maxTokenId,
  );
  return wrong === -1 ? null : { path: [...path, wrong], message: "must be a token id" };
}
