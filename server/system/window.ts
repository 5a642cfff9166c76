/** What happens between two samples, gathered: times, requests, and what is looked at every few seconds. */

import { secondsBounds } from "../../lib/metrics/tally.ts";
import type { RequestTotals } from "../../lib/metrics/types.ts";
import { medianOf } from "../../lib/system/median.ts";
import type { Span, SystemSample } from "../../lib/system/schemas.ts";

/** Mean and peak of values that are looked at now and then. */
export class Looks {
  #sum = 0;
  #count = 0;
  #max = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
    this.#max = Math.max(this.#max, value);
  }

  span(): Span {
    return { avg: this.#count > 0 ? rounded(this.#sum / this.#count) : 0, max: this.#max };
  }
}

/** What changed between two totals. */
export type RequestPart = Pick<
  SystemSample,
  "requests" | "tokens_in" | "tokens_out" | "tokens_per_second" | "first_token_p50_ms"
>;

export function requestsBetween(before: RequestTotals, now: RequestTotals, seconds: number): RequestPart {
  const tokensOut = now.completionTokens - before.completionTokens;
  const counts = now.firstTokenCounts.map((count, index) => count - (before.firstTokenCounts[index] ?? 0));
  const medianS = medianOf(counts, secondsBounds);
  return {
    requests: now.requests - before.requests,
    tokens_in: now.promptTokens - before.promptTokens,
    tokens_out: tokensOut,
    tokens_per_second: flat(seconds > 0 ? tokensOut / seconds : 0),
    first_token_p50_ms: medianS === null ? null : flat(medianS * 1000),
  };
}

/** A value that was looked at once. */
export function flat(value: number): Span {
  return { avg: rounded(value), max: rounded(value) };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
