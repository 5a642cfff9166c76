/** `GET /v1/stats/summary`: what was used in the last 24 hours. */
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Caller } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";

const windowHours = 24;
const msPerHour = 3_600_000;

export interface UsageSummary {
  window_hours: number;
  requests: number;
  /** Requests that failed on the gateway's side. */
  errors: number;
  tokens_in: number;
  tokens_out: number;
  /** Dollars. */
  cost: number;
  avg_latency_ms: number;
}

/** Of the caller's key; of all users for an admin. */
export async function usageSummary(
  { database }: Pick<Runtime, "database">,
  { account, key }: Caller,
): Promise<UsageSummary> {
  const owner = account.tier === "admin" ? null : { userId: account.id, keyId: key.id };
  const totals = await database.usage.totals(owner, Date.now() - windowHours * msPerHour);
  return {
    window_hours: windowHours,
    requests: totals.requests,
    errors: totals.errors,
    tokens_in: totals.promptTokens,
    tokens_out: totals.completionTokens,
    cost: dollarsFromNanos(totals.costNanos),
    avg_latency_ms: Math.round(totals.averageMs * 10) / 10,
  };
}
