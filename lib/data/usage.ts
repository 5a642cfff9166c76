/** Table `usage`: one row a request. Settlements write it; charts read the daily sums instead. */
import { failedOnOurSide } from "./outcomes.ts";
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

/** Whose requests are summed. */
export interface UsageOwner {
  userId: number;
  keyId?: number;
}

/** The index begins with the user, so a key is looked for among its user's requests. */
function ofOwner(owner: UsageOwner | null): { condition: string; values: number[] } {
  if (!owner) return { condition: "", values: [] };
  if (owner.keyId === undefined) return { condition: "user_id = ? AND", values: [owner.userId] };
  return { condition: "user_id = ? AND key_id = ? AND", values: [owner.userId, owner.keyId] };
}

/** A request as limits per minute count it. */
export interface StartedRequest {
  userId: number;
  keyId: number;
  startedAtMs: number;
  /** Prompt and answer together. */
  tokens: number;
}

export const usage = {
  /**
   * Sums over the requests that started since a moment.
   * @param owner of one user, or of one of its keys; null: of all
   */
  totals: onReader(async (context, owner: UsageOwner | null, sinceMs: number): Promise<UsageTotals> => {
    const { condition, values } = ofOwner(owner);
    const [totals] = await context.rows<UsageTotals>(
      `SELECT count(*) AS requests, coalesce(sum(${failedOnOurSide}), 0) AS errors,
         coalesce(sum(prompt_tokens), 0) AS promptTokens, coalesce(sum(completion_tokens), 0) AS completionTokens,
         coalesce(sum(cost_nanos), 0) AS costNanos, coalesce(avg(duration_ms), 0) AS averageMs
       FROM usage WHERE ${condition} started_at_ms >= ?`,
      ...values,
      sinceMs,
    );
    return totals ?? noUsage;
  }),

  /**
   * Removes rows that started before a moment and that the daily sums have reached, at most so many.
   * @returns how many
   */
  prune: onWriter(async (context, beforeMs: number, atMost: number): Promise<number> => {
    const removed = await context.rows(
      `DELETE FROM usage WHERE id IN (
         SELECT id FROM usage WHERE started_at_ms < ? AND id <= (SELECT last_usage_id FROM daily_usage_state)
         LIMIT ?) RETURNING 1`,
      beforeMs,
      atMost,
    );
    return removed.length;
  }),

  /** Who asked since a moment, oldest first: what the request limits forget in a restart. */
  startedSince: onWriter(
    async (context, sinceMs: number): Promise<StartedRequest[]> =>
      context.rows(
        `SELECT user_id AS userId, key_id AS keyId, started_at_ms AS startedAtMs,
           prompt_tokens + completion_tokens AS tokens
         FROM usage WHERE started_at_ms >= ? ORDER BY started_at_ms`,
        sinceMs,
      ),
  ),
};
