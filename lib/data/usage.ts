/** Table `usage`: one row a request. Settlements write it; charts read the daily sums instead. */
import { onReader, onWriter } from "./query.ts";

export interface UsageTotals {
  requests: number;
  /** Requests that failed on our side. */
  errors: number;
  promptTokens: number;
  completionTokens: number;
  costNanos: number;
  /** Mean over the requests; 0 when there are none. */
  averageMs: number;
}

const noUsage: UsageTotals = {
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  costNanos: 0,
  averageMs: 0,
};

export const usage = {
  /**
   * Sums over the requests that started since a moment.
   * @param userId of one user; null: of all
   */
  totals: onReader(async (context, userId: number | null, sinceMs: number): Promise<UsageTotals> => {
    const owner = userId === null ? "" : "user_id = ? AND";
    const [totals] = await context.rows<UsageTotals>(
      `SELECT count(*) AS requests, coalesce(sum(outcome IN ('engine_failed', 'error')), 0) AS errors,
         coalesce(sum(prompt_tokens), 0) AS promptTokens, coalesce(sum(completion_tokens), 0) AS completionTokens,
         coalesce(sum(cost_nanos), 0) AS costNanos, coalesce(avg(duration_ms), 0) AS averageMs
       FROM usage WHERE ${owner} started_at_ms >= ?`,
      ...(userId === null ? [sinceMs] : [userId, sinceMs]),
    );
    return totals ?? noUsage;
  }),

  /** Who asked since a moment, oldest first: what the request limits forget in a restart. */
  startedSince: onWriter(
    async (context, sinceMs: number): Promise<{ userId: number; keyId: number; startedAtMs: number }[]> =>
      context.rows(
        `SELECT user_id AS userId, key_id AS keyId, started_at_ms AS startedAtMs
         FROM usage WHERE started_at_ms >= ? ORDER BY started_at_ms`,
        sinceMs,
      ),
  ),
};
