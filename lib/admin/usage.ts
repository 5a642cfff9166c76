/** What was used, summed for admins. */
import { type GroupedUsage, msPerDay, type UsageFilter } from "../data/daily-usage.ts";
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Accounts } from "../money/types.ts";
import type { UsageGroupReply, UsageQuery } from "./schemas.ts";

/** The span of days that ends today, by UTC, and whose requests are counted. */
export function usageFilter({ days, user_id, key_id, model }: UsageQuery, nowMs: number): UsageFilter {
  const lastDay = Math.floor(nowMs / msPerDay);
  return { firstDay: lastDay - days + 1, lastDay, userId: user_id, keyId: key_id, model };
}

/** A group's sums, with the names of its user and key. */
export function usageGroupReply(group: GroupedUsage, accounts: Accounts): UsageGroupReply {
  return {
    ...namesOf(group, accounts),
    requests: group.requests,
    errors: group.errors,
    tokens_in: group.promptTokens,
    tokens_cached: group.cachedTokens,
    tokens_out: group.completionTokens,
    cost: dollarsFromNanos(group.costNanos),
    charge: dollarsFromNanos(group.chargeNanos),
    avg_latency_ms: Math.round((group.durationMs / group.requests) * 10) / 10,
  };
}

function namesOf({ userId, keyId, model, day }: GroupedUsage, accounts: Accounts): Partial<UsageGroupReply> {
  if (day !== null) return { date: new Date(day * msPerDay).toISOString().slice(0, 10) };
  if (model !== null) return { model };
  if (userId === null) return {};
  const user = { user_id: userId, email: accounts.account(userId)?.email ?? null };
  if (keyId === null) return user;
  const key = accounts.keysOf(userId).find(({ id }) => id === keyId);
  return { key_id: keyId, key_name: key?.name ?? null, key_prefix: key?.prefix ?? null, ...user };
}
