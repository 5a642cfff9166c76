/** Stage: what a request cost, committed before its client sees the end of the answer. */
import type { GatewayError } from "../errors.ts";
import { usageCostNanos } from "../money/nanos.ts";
import type { Caller, Outcome } from "../money/types.ts";
import type { Usage } from "../openai/usage.ts";
import { runtime } from "../runtime.ts";
import type { Grant } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";
import { pricingOf } from "./pricing.ts";

/** Everything a settlement needs to know about its request. */
export interface Admitted {
  exchange: Exchange;
  endpointName: string;
  caller: Caller;
  grant: Grant;
  streamed: boolean;
  /** Set when an engine took the request. */
  slotPort: number | null;
}

/**
 * Charges a request and records it, whatever its end. Resolves when both are committed.
 * @param failure null where the answer is whole
 */
export function settle(admitted: Admitted, usage: Usage, failure: GatewayError | null): Promise<void> {
  const { exchange, caller, grant } = admitted;
  const { accounts, config } = runtime();
  // A remote that writes more than it was asked for has nobody else to pay for it.
  const costNanos = Math.min(
    usageCostNanos(pricingOf(grant.model.id, config.current), usage),
    grant.reservation.maxCostNanos,
  );
  // In the same step as the charge: what was held is free for the next request only when this one is paid.
  grant.reservation.close({ costNanos, tokens: usage.promptTokens + usage.completionTokens });
  return accounts.settle({
    requestId: exchange.id,
    userId: caller.account.id,
    keyId: caller.key.id,
    endpoint: admitted.endpointName,
    model: grant.model.id,
    slotPort: admitted.slotPort,
    outcome: outcomeOf(failure),
    httpStatus: failure?.status ?? 200,
    streamed: admitted.streamed,
    estimated: usage.estimated,
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens,
    completionTokens: usage.completionTokens,
    imageTokens: usage.media?.imageTokens ?? 0,
    audioTokens: usage.media?.audioTokens ?? 0,
    audioMs: usage.media?.audioMs ?? 0,
    costNanos,
    startedAtMs: exchange.startedAtMs,
    queueMs: exchange.queueMs,
    firstTokenMs: exchange.firstTokenMs,
    durationMs: performance.now() - exchange.startedMs,
  });
}

function outcomeOf(failure: GatewayError | null): Outcome {
  if (!failure) return "ok";
  if (failure.code === "client_closed") return "client_left";
  if (failure.code === "internal") return "error";
  if (failure.code === "engine_crashed" || failure.code === "engine_timeout") return "engine_failed";
  return "refused";
}
