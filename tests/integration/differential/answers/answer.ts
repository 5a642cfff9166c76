/** An answer without what may differ from one to the next: ids, times, and how much of a prompt was cached. */

export interface Answer {
  status: number;
  /** What the client was told, where it was refused; else empty. */
  refusal: string;
  /** What the answer says; null where it was refused. */
  content: object | null;
  /** As it came, for a report. */
  raw: string;
}

/** Reads the content of one endpoint's answers; both give the same for the same answer. */
export interface AnswerReader {
  whole(json: Json): object;
  /** Null where the endpoint does not stream. */
  stream: ((events: readonly Json[]) => object) | null;
}

/** A JSON object of which nothing is known. */
export type Json = Record<string, unknown>;

export const objectIn = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const listIn = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectIn) : []);
/** Null and no text are the same to a client. */
export const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
export const numberIn = (value: unknown): number => (typeof value === "number" ? value : 0);

/** OpenAI's `usage`; null where there is none. */
export function usageIn(value: unknown): object | null {
  if (typeof value !== "object" || value === null) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = objectIn(value);
  return { prompt: numberIn(prompt), completion: numberIn(completion), total: numberIn(total) };
}
