/** Stage: what a request cost, committed before its client sees the end of the answer. */
import type { KeptAnswer } from "../data/types.ts";
import type { GatewayError } from "../errors.ts";
import type { Outcome } from "../money/types.ts";
import type { Usage } from "../openai/usage.ts";
import { runtime } from "../runtime.ts";
import { type Admitted, costOf, settlementOf } from "./admitted.ts";
import { recordSettlement } from "./record.ts";

/**
 * Charges a request and records it, whatever its end. Resolves when both are committed.
 * @param failure null where the answer is whole
 * @param answer to be kept with it
 */
export function settle(
  admitted: Admitted,
  usage: Usage,
  failure: GatewayError | null,
  answer: KeptAnswer | null = null,
): Promise<void> {
  const { accounts, underWay } = runtime();
  underWay.remove(admitted);
  const costNanos = costOf(admitted, usage);
  // In the same step as the charge: what was held is free for the next request only when this one is paid.
  admitted.grant.reservation.close({ costNanos, tokens: usage.promptTokens + usage.completionTokens });
  const end = { outcome: outcomeOf(failure), httpStatus: failure?.status ?? 200 };
  const wasNoted = admitted.notedTokens !== null;
  const along = wasNoted || answer ? { wasNoted, answer } : undefined;
  const settlement = settlementOf(admitted, usage, costNanos, end);
  recordSettlement(admitted.exchange, settlement);
  return accounts.settle(settlement, along);
}

export function outcomeOf(failure: GatewayError | null): Outcome {
  if (!failure) return "ok";
  if (failure.code === "client_closed") return "client_left";
  if (failure.code === "internal") return "error";
  if (failure.code === "engine_crashed" || failure.code === "engine_timeout") return "engine_failed";
  return "refused";
}
