/**
 * The input of an embeddings request: as OpenAI has it, or for models that see, with parts as a chat's message has them.
 * An entry is then a text, a part, or a list of parts that become one vector together.
 */
import { z } from "zod";
import { imagePart, textPart } from "../chat/request.ts";
import {
  entriesOf,
  estimatedTextTokens,
  estimatedTokens,
  inputFault,
  type TextOrTokens,
  textOrTokensShapes,
} from "../text-or-tokens.ts";

/** OpenAI's bounds: inputs of a request, and the tokens of all of them together. */
export const maxInputs = 2_048;
export const maxTokens = 300_000;
const maxParts = 64;

const bounds = { entries: maxInputs, tokens: maxTokens, leastLength: 1 } as const;

const part = z.discriminatedUnion("type", [textPart, imagePart]);
const partsInput = z
  .array(z.union([z.string().min(1), part, z.array(part).min(1).max(maxParts)]))
  .min(1)
  .max(maxInputs);

export type EmbeddingsPart = z.infer<typeof part>;
export type PartsInput = z.infer<typeof partsInput>;
export type EmbeddingsInput = TextOrTokens | PartsInput;

/** Parts are checked by their schema, all else by hand (text-or-tokens.ts). What else stands in a part is not dropped. */
export const embeddingsInput = z
  .custom<EmbeddingsInput>()
  .superRefine((value, { issues }) => {
    if (hasParts(value)) {
      const { error } = partsInput.safeParse(value);
      for (const issue of error?.issues ?? []) issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
      return;
    }
    const fault = inputFault(value, bounds);
    if (fault) issues.push({ code: "custom", message: fault.message, path: fault.path, input: value });
  })
  .meta({ anyOf: [...textOrTokensShapes(bounds), partsShape()] });

/** The input with nothing in its parts but what belongs there, for an engine that gets them as they are. */
export function withPartsAlone(input: EmbeddingsInput): EmbeddingsInput {
  return hasParts(input) ? partsInput.parse(input) : input;
}

function partsShape() {
  const { $schema, ...shape } = z.toJSONSchema(partsInput, { io: "input" });
  return shape;
}

/** True where an entry is a part, or a list of them; a text alone is none. */
export function hasParts(input: unknown): input is PartsInput {
  return Array.isArray(input) && typeof input[0] !== "number" && input.some(isPart);
}

/** The parts of each entry, and where each stands in the request. */
export function partsOfEntry(
  entry: PartsInput[number],
  index: number,
): { part: EmbeddingsPart; path: string }[] {
  const path = `input[${index}]`;
  if (typeof entry === "string") return [{ part: { type: "text", text: entry }, path }];
  if (!Array.isArray(entry)) return [{ part: entry, path }];
  return entry.map((one, place) => ({ part: one, path: `${path}[${place}]` }));
}

/** How many vectors are asked for. */
export function entryCount(input: EmbeddingsInput): number {
  return hasParts(input) ? input.length : entriesOf(input).length;
}

/** How many tokens an input probably has, where an engine gives no count. */
export function estimatedInputTokens(input: EmbeddingsInput, tokensPerImage: number): number {
  if (!hasParts(input)) return estimatedTokens(input);
  const parts = input.flatMap(partsOfEntry);
  return parts.reduce(
    (sum, { part: one }) => sum + (one.type === "text" ? estimatedTextTokens(one.text) : tokensPerImage),
    0,
  );
}

function isPart(entry: unknown): boolean {
  const first = Array.isArray(entry) ? entry[0] : entry;
  return typeof first === "object" && first !== null && !Array.isArray(first);
}
