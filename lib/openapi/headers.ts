/** The headers of answers. */
import type { Dialect } from "./operation.ts";

interface HeaderObject {
  description: string;
  required?: boolean;
  schema: object;
}

const text = { type: "string" };
const wholeNumber = { type: "string", pattern: "^\\d+$" };
const duration = { type: "string", pattern: "^\\d+s$" };

const limit = (kind: string) => ({
  [`x-ratelimit-limit-${kind}`]: { description: `The caller's ${kind} a minute.`, schema: wholeNumber },
  [`x-ratelimit-remaining-${kind}`]: { description: `How many of them are left.`, schema: wholeNumber },
  [`x-ratelimit-reset-${kind}`]: { description: "When all are there again, as `12s`.", schema: duration },
});

/** By their names; documents refer to them as components. */
export const headers: Readonly<Record<string, HeaderObject>> = {
  "x-request-id": {
    description: "The request's id, for questions to the operator.",
    required: true,
    schema: text,
  },
  "request-id": { description: "The same, as Anthropic's clients read it.", required: true, schema: text },
  "openai-processing-ms": {
    description: "Milliseconds until these headers were sent.",
    required: true,
    schema: wholeNumber,
  },
  "server-timing": { description: "What took how long, in milliseconds.", required: true, schema: text },
  ...limit("requests"),
  ...limit("tokens"),
  "retry-after": {
    description: "Seconds until a repeat makes sense.",
    schema: { type: "string", pattern: "^[1-9]\\d*$" },
  },
  "x-should-retry": {
    description: "`false` where a repeat would fail again, or be paid for twice.",
    schema: { type: "string", enum: ["false"] },
  },
  "idempotent-replayed": {
    description: "The answer was given before, to the same request.",
    schema: { type: "string", enum: ["true"] },
  },
  etag: { description: "Changes with the document.", required: true, schema: text },
};

const ids: Record<Dialect, string[]> = {
  openai: ["x-request-id"],
  anthropic: ["x-request-id", "request-id"],
  admin: ["x-request-id"],
};
const limits = Object.keys(headers).filter((name) => name.startsWith("x-ratelimit-"));

/** What comes with an answer to a request that was let in. */
export function answerHeaders(dialect: Dialect): string[] {
  const timings =
    dialect === "admin" ? [] : ["openai-processing-ms", "server-timing", ...limits, "idempotent-replayed"];
  return [...ids[dialect], ...timings];
}

/** What comes with a refusal of this status. */
export function refusalHeaders(dialect: Dialect, status: number): string[] {
  const repeat = [402, 429, 502, 503, 504].includes(status) && dialect !== "admin" ? ["x-should-retry"] : [];
  const wait = status === 429 || status === 503 ? ["retry-after"] : [];
  return [...ids[dialect], ...wait, ...repeat, ...(dialect === "admin" ? [] : limits)];
}

/** References to headers, as an answer holds them. */
export function headerReferences(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
