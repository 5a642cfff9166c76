/** Table `daily_usage`: what charts are drawn from. The last second's requests may still be missing in it (daily-sums.ts). */
import { failedOnOurSide } from "./outcomes.ts";
import { onReader, onWriter } from "./query.ts";

export const msPerDay = 86_400_000;

/** Sums over requests. */
export interface UsageSums {
  requests: number;
  errors: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  costNanos: number;
  chargeNanos: number;
  durationMs: number;
}

/** One day of one user, over all keys and models. */
export interface UsageDay extends UsageSums {
  /** Days since 1970-01-01, UTC. */
  day: number;
}

export const usageGroups = ["user", "key", "model", "day"] as const;
export type UsageGroup = (typeof usageGroups)[number];

/** Which requests are summed: those of a span of days, where they are of this user, key and model. */
export interface UsageFilter {
  firstDay: number;
  lastDay: number;
  userId?: number;
  keyId?: number;
  model?: string;
}

/** The sums of one group. Null is what the rows are not grouped by; a key's row names its user, too. */
export interface GroupedUsage extends UsageSums {
  userId: number | null;
  keyId: number | null;
  model: string | null;
  day: number | null;
}

/** Columns that make up a group. */
const groupColumns: Record<UsageGroup, readonly string[]> = {
  user: ["user_id"],
  key: ["user_id", "key_id"],
  model: ["model"],
  day: ["day"],
};

/** What one key of a user has used. */
export interface KeyUse {
  userId: number;
  keyId: number;
  costNanos: number;
  /** Prompt and answer together. */
  tokens: number;
}

export const dailyUsage = {
  /** What each key has used since the beginning of a day: what monthly budgets forget in a restart. */
  byKeySince: onWriter(
    async (context, firstDay: number): Promise<KeyUse[]> =>
      context.rows<KeyUse>(
        `WITH parts AS (
           SELECT user_id, key_id, cost_nanos, prompt_tokens + completion_tokens AS tokens
           FROM daily_usage WHERE day >= ?1
           UNION ALL
           SELECT user_id, key_id, cost_nanos, prompt_tokens + completion_tokens
           FROM usage NOT INDEXED WHERE id > (SELECT last_usage_id FROM daily_usage_state)
             AND started_at_ms >= ?1 * ${msPerDay})
         SELECT user_id AS userId, key_id AS keyId, sum(cost_nanos) AS costNanos, sum(tokens) AS tokens
         FROM parts GROUP BY user_id, key_id`,
        firstDay,
      ),
  ),

  /** The sums of each group that has requests: days oldest first, others by what they cost, the dearest first. */
  grouped: onReader(async (context, by: UsageGroup, filter: UsageFilter): Promise<GroupedUsage[]> => {
    const columns = groupColumns[by];
    const shown = (column: string) => (columns.includes(column) ? column : "NULL");
    // A filter that is null lets everything through.
    const condition = `(?3 IS NULL OR user_id = ?3) AND (?4 IS NULL OR key_id = ?4) AND (?5 IS NULL OR model = ?5)`;
    return context.rows<GroupedUsage>(
      `WITH parts AS (
         SELECT day, user_id, key_id, model, requests, errors, prompt_tokens, cached_tokens, completion_tokens,
           cost_nanos, charge_nanos, duration_ms
         FROM daily_usage WHERE day BETWEEN ?1 AND ?2 AND ${condition}
         UNION ALL
         SELECT started_at_ms / ${msPerDay}, user_id, key_id, model, 1, ${failedOnOurSide},
           prompt_tokens, cached_tokens, completion_tokens, cost_nanos, charge_nanos, duration_ms
         FROM usage NOT INDEXED WHERE id > (SELECT last_usage_id FROM daily_usage_state)
           AND started_at_ms / ${msPerDay} BETWEEN ?1 AND ?2 AND ${condition})
       SELECT ${shown("user_id")} AS userId, ${shown("key_id")} AS keyId, ${shown("model")} AS model,
         ${shown("day")} AS day, sum(requests) AS requests, sum(errors) AS errors,
         sum(prompt_tokens) AS promptTokens, sum(cached_tokens) AS cachedTokens,
         sum(completion_tokens) AS completionTokens, sum(cost_nanos) AS costNanos,
         sum(charge_nanos) AS chargeNanos, sum(duration_ms) AS durationMs
       FROM parts GROUP BY ${columns.join(", ")}
       ORDER BY ${by === "day" ? "day" : `costNanos DESC, requests DESC, ${columns.join(", ")}`}`,
      filter.firstDay,
      filter.lastDay,
      filter.userId ?? null,
      filter.keyId ?? null,
      filter.model ?? null,
    );
  }),

  /** The days of a user from `firstDay` to `lastDay` that have requests, oldest first. */
  ofUser: onReader(
    async (context, userId: number, firstDay: number, lastDay: number): Promise<UsageDay[]> => {
      return context.rows<UsageDay>(
        // The list of days, instead of a range, lets the primary key (day, user) find each day's few rows at once.
        `WITH days AS (SELECT value FROM json_each(?1)), parts AS (
           SELECT day, requests, errors, prompt_tokens, cached_tokens, completion_tokens, cost_nanos, charge_nanos,
             duration_ms
           FROM daily_usage WHERE user_id = ?2 AND day IN days
           UNION ALL
           SELECT started_at_ms / ${msPerDay}, 1, ${failedOnOurSide}, prompt_tokens, cached_tokens,
             completion_tokens, cost_nanos, charge_nanos, duration_ms
           FROM usage NOT INDEXED WHERE id > (SELECT last_usage_id FROM daily_usage_state) AND user_id = ?2
             AND started_at_ms / ${msPerDay} IN days)
         SELECT day, sum(requests) AS requests, sum(errors) AS errors, sum(prompt_tokens) AS promptTokens,
           sum(cached_tokens) AS cachedTokens, sum(completion_tokens) AS completionTokens,
           sum(cost_nanos) AS costNanos, sum(charge_nanos) AS chargeNanos, sum(duration_ms) AS durationMs
         FROM parts GROUP BY day ORDER BY day`,
        JSON.stringify(daysBetween(firstDay, lastDay)),
        userId,
      );
    },
  ),
};

function daysBetween(firstDay: number, lastDay: number): number[] {
  return Array.from({ length: Math.max(0, lastDay - firstDay + 1) }, (_, index) => firstDay + index);
}
