/** One body that is sent to a llama-server and to the gateway before such a one. */
import type { DifferenceName } from "./differences/index.ts";

export type EndpointName =
  | "chat/completions"
  | "completions"
  | "embeddings"
  | "rerank"
  | "messages"
  | "responses";

export type Body = Record<string, unknown>;

export interface Case {
  name: string;
  /** A text is sent as it is. */
  body: Body | string;
  /** Who is asked in place of tiny-text: one that thinks, or one with eyes and ears. */
  model?: "think" | "omni";
  /** The fields that make it what it is: a refusal has to name one of them. */
  about: readonly string[];
  /** Every documented difference that this body shows, and no others. */
  differs: readonly DifferenceName[];
}

export interface Corpus {
  endpoint: EndpointName;
  cases: readonly Case[];
  /** A difference that every answer of this endpoint shows. */
  always?: DifferenceName;
}

/**
 * A table of bodies with the same fields around them.
 * @param around what every body has, unless it says otherwise
 */
export function casesAround(around: Body) {
  return (name: string, fields: Body, ...differs: DifferenceName[]): Case => ({
    name,
    body: { ...around, ...fields },
    about: Object.keys(fields),
    differs,
  });
}
