/** A request that was admitted: everything its settlement needs to know. */
import { usageCostNanos } from "../money/nanos.ts";
import type { Caller, Outcome, Settlement } from "../money/types.ts";
import { type MediaCount, noUsage, type Usage, withMedia } from "../openai/usage.ts";
import type { Seated } from "../roster.ts";
import type { WaitingRequest } from "../slots/types.ts";
import type { Grant } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";
import type { Turn } from "./idempotency/answers.ts";

export interface Admitted extends Seated {
  exchange: Exchange;
  endpointName: string;
  caller: Caller;
  grant: Grant;
  streamed: boolean;
  /** Set when an engine took the request. */
  slotPort: number | null;
  /** Counts what the request uses; null before an engine is asked. */
  reader: { usage(): Usage; usageWhenLeft?(): Usage; readonly eventsSent?: number } | null;
  /** What was found out of images and sounds in the prompt. */
  mediaCount: MediaCount | null;
  /** It was noted in the database as under way, with so many tokens; null: never. */
  notedTokens: number | null;
  /** Set where the client named the request, so that its answer is to be kept. */
  turn: Turn | null;
}

/** What has been used so far, by the engine's own count where it gives one. */
export function usageSoFar({ reader }: Admitted): Usage {
  return reader?.usage() ?? noUsage;
}

/** What a request costs, at the price that its model had when it came. */
export function costOf({ grant }: Admitted, usage: Usage): number {
  const costNanos = usageCostNanos(grant.pricing, usage);
  // A remote that writes more than it was asked for has nobody else to pay for it.
  return Math.min(costNanos, grant.reservation.maxCostNanos);
}

/** Its usage row, if it ended now. */
export function settlementOf(
  admitted: Admitted,
  usage: Usage,
  costNanos: number,
  end: { outcome: Outcome; httpStatus: number },
): Settlement {
  const { exchange, caller, grant } = admitted;
  const { media } = withMedia(usage, admitted.mediaCount);
  return {
    requestId: exchange.id,
    userId: caller.account.id,
    keyId: caller.key.id,
    endpoint: admitted.endpointName,
    model: grant.model.id,
    slotPort: admitted.slotPort,
    outcome: end.outcome,
    httpStatus: end.httpStatus,
    streamed: admitted.streamed,
    estimated: usage.estimated,
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens,
    completionTokens: usage.completionTokens,
    imageTokens: media?.imageTokens ?? 0,
    audioTokens: media?.audioTokens ?? 0,
    audioMs: media?.audioMs ?? 0,
    costNanos,
    startedAtMs: exchange.startedAtMs,
    queueMs: exchange.queueMs,
    firstTokenMs: exchange.firstTokenMs,
    durationMs: performance.now() - exchange.startedMs,
  };
}

/** What an admin who looks at the queue learns of it. */
export function waitingRequest({ exchange, caller, endpointName }: Admitted): WaitingRequest {
  return {
    requestId: exchange.id,
    userId: caller.account.id,
    keyId: caller.key.id,
    endpoint: endpointName,
  };
}
