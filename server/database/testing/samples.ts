/** What tests put into a database. */
import { randomUUID } from "node:crypto";
import type { NewKeyRow } from "../../../lib/data/api-keys.ts";
import type { Cause } from "../../../lib/data/users.ts";
import type { Actor, Settlement } from "../../../lib/money/types.ts";

export const actor: Actor = { userId: null, keyId: null, requestId: "req_admin" };

export const cause: Cause = { actor, atMs: 1_764_000_000_000, reason: "test" };

/** A key row; each call another hash. */
export function keyRow(row: Partial<NewKeyRow> = {}): NewKeyRow {
  const hash = randomUUID().replaceAll("-", "").repeat(2);
  return { name: "test", prefix: "sk-12345", hash, kind: "user", limits: {}, expiresAtMs: null, ...row };
}

/** A settlement of a request that went well; each call another request. */
export function settlement(part: Partial<Settlement> = {}): Settlement {
  return {
    requestId: `req_${randomUUID()}`,
    userId: 1,
    keyId: 1,
    endpoint: "chat.completions",
    model: "tiny",
    slotPort: 4801,
    outcome: "ok",
    httpStatus: 200,
    streamed: true,
    estimated: false,
    promptTokens: 12,
    cachedTokens: 4,
    completionTokens: 30,
    imageTokens: 0,
    audioTokens: 0,
    audioMs: 0,
    costNanos: 7000,
    startedAtMs: cause.atMs,
    queueMs: 0.5,
    firstTokenMs: 12.25,
    durationMs: 80.5,
    ...part,
  };
}
