/** What the request path and `GET /metrics` see of the metrics. */
import type { Settlement } from "../money/types.ts";

/** Sums that only grow. */
export interface RequestTotals {
  requests: number;
  promptTokens: number;
  completionTokens: number;
  /** Requests by the time to their first token, in the steps of `secondsBounds` (tally.ts). */
  firstTokenCounts: readonly number[];
}

export interface Metrics {
  /** Counts a request that was admitted, by what it is settled with. */
  settled(settlement: Settlement): void;
  /**
   * Counts a request that no engine was asked for: a look-up, or a refusal before a model was admitted.
   * @param endpoint one of our own names, never what a client sent: each makes a series of its own
   */
  answered(endpoint: string, status: number): void;
  /** What was settled since the start, of all models together. */
  totals(): RequestTotals;
  /** Everything in Prometheus's text format. */
  text(): Promise<string>;
  readonly contentType: string;
}
