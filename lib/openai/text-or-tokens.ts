/** Input that is text or a model's own token ids, one of them or a list: of embeddings and of completions. */
import { z } from "zod";

export type TextOrTokens = string | string[] | number[] | number[][];

export interface InputBounds {
  /** Texts, or lists of token ids. */
  entries: number;
  /** Token ids of all lists together, as the endpoint's bounds on values hold them. */
  tokens: number;
  /** Characters of a text. */
  leastLength: 0 | 1;
}

const maxTokenId = 2 ** 31 - 1;

/** Rough length of a token of English text; only estimates rest on it. */
const bytesPerToken = 4;

/** Checked by hand: the branches of a union would each walk hundreds of thousands of numbers before they say no. */
export function textOrTokens(bounds: InputBounds) {
  const checked = z.custom<TextOrTokens>().superRefine((value, { addIssue }) => {
    const fault = inputFault(value, bounds);
    // Checks of the whole body would walk what is no input.
    if (fault)
      addIssue({ code: "custom", message: fault.message, path: fault.path, input: value, continue: false });
  });
  return checked.meta({ anyOf: textOrTokensShapes(bounds) });
}

/** The same in JSON Schema's words. */
export function textOrTokensShapes(bounds: InputBounds) {
  const text = { type: "string" as const, minLength: bounds.leastLength };
  const tokens = {
    type: "array" as const,
    minItems: 1,
    maxItems: bounds.tokens,
    items: { type: "integer" as const, minimum: 0 },
  };
  return [
    text,
    { type: "array" as const, minItems: 1, maxItems: bounds.entries, items: text },
    tokens,
    { type: "array" as const, minItems: 1, maxItems: bounds.entries, items: tokens },
  ];
}

/** The entries of an input: a text, or a list of token ids, each. */
export function entriesOf(input: TextOrTokens): readonly (string | number[])[] {
  if (typeof input === "string") return [input];
  return isTokens(input) ? [input] : input;
}

/** How many tokens an input probably has, where an engine gives no count. */
export function estimatedTokens(input: TextOrTokens): number {
  let tokens = 0;
  for (const entry of entriesOf(input))
    tokens += typeof entry === "string" ? estimatedTextTokens(entry) : entry.length;
  return tokens;
}

export function estimatedTextTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

function isTokens(list: readonly unknown[]): list is number[] {
  return typeof list[0] === "number";
}

interface Fault {
  path: number[];
  message: string;
}

/** The first thing that is wrong with an input, or null. */
export function inputFault(value: unknown, { entries, leastLength }: InputBounds): Fault | null {
  if (typeof value === "string")
    return value.length < leastLength ? { path: [], message: "must not be empty" } : null;
  if (!Array.isArray(value) || value.length === 0)
    return {
      path: [],
      message: "must be a text, a list of texts, token ids, or a list of lists of token ids",
    };
  if (isTokens(value)) return tokensFault(value, []);
  if (value.length > entries) return { path: [], message: `may have at most ${entries} entries` };
  const isText = typeof value[0] === "string";
  for (const [index, item] of value.entries()) {
    const fault = isText ? textFault(item, index, leastLength) : listFault(item, index);
    if (fault) return fault;
  }
  return null;
}

function textFault(item: unknown, index: number, leastLength: number): Fault | null {
  if (typeof item !== "string") return { path: [index], message: "must be a text, as the first entry is" };
  return item.length < leastLength ? { path: [index], message: "must not be empty" } : null;
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
