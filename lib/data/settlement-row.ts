/** A settlement as the `usage` table holds it. */
import type { KeptAnswer, SettlementEntry } from "./types.ts";

/** Columns of `usage`, in the order of a row. */
export const usageColumns = [
  "request_id",
  "user_id",
  "key_id",
  "endpoint",
  "model",
  "slot_port",
  "outcome",
  "http_status",
  "streamed",
  "estimated",
  "prompt_tokens",
  "cached_tokens",
  "completion_tokens",
  "image_tokens",
  "audio_tokens",
  "audio_ms",
  "cost_nanos",
  "charge_nanos",
  "started_at_ms",
  "queue_ms",
  "first_token_ms",
  "duration_ms",
] as const;

/** Flat, because it is copied to the database thread as it is: objects would carry their property names along. */
export type UsageRow = (string | number | null)[];

/** The row of a settlement. */
export function usageRow({ settlement, chargeNanos }: SettlementEntry): UsageRow {
  return [
    settlement.requestId,
    settlement.userId,
    settlement.keyId,
    settlement.endpoint,
    settlement.model,
    settlement.slotPort,
    settlement.outcome,
    settlement.httpStatus,
    settlement.streamed ? 1 : 0,
    settlement.estimated ? 1 : 0,
    settlement.promptTokens,
    settlement.cachedTokens,
    settlement.completionTokens,
    settlement.imageTokens,
    settlement.audioTokens,
    settlement.audioMs,
    settlement.costNanos,
    chargeNanos,
    settlement.startedAtMs,
    settlement.queueMs,
    settlement.firstTokenMs,
    settlement.durationMs,
  ];
}

/** What a batch changes besides usage, ledger and balances. */
export interface BatchAlong {
  /** Ids of requests that were noted as under way. */
  noted: string[];
  answers: KeptAnswer[];
}

/** Null for nearly every batch: then nothing of it is copied to the database thread. */
export function batchAlong(batch: readonly SettlementEntry[]): BatchAlong | null {
  let found: BatchAlong | null = null;
  for (const { settlement, along } of batch) {
    if (!along) continue;
    found ??= { noted: [], answers: [] };
    if (along.wasNoted) found.noted.push(settlement.requestId);
    if (along.answer) found.answers.push(along.answer);
  }
  return found;
}
