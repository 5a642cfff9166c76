/** Table `ledger`, as far as admins read and write it. Charges come from settlements. */
import type { LedgerKind } from "../money/types.ts";
import { onReader, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

/** A change of a balance. */
export interface LedgerEntry {
  id: number;
  kind: LedgerKind;
  /** Negative for a charge. */
  amountNanos: number;
  reason: string;
  /** Of the request that was charged, or of the admin's request. */
  requestId: string;
  actorUserId: number | null;
  atMs: number;
}

export const ledger = {
  /**
   * The latest changes of a user's balance, newest first.
   * @param beforeId only older ones than this; null: from the newest on
   */
  ofUser: onReader(
    async (context, userId: number, beforeId: number | null, limit: number): Promise<LedgerEntry[]> =>
      context.rows<LedgerEntry>(
        `SELECT id, kind, amount_nanos AS amountNanos, reason, request_id AS requestId,
           actor_user_id AS actorUserId, at_ms AS atMs
         FROM ledger WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
        userId,
        beforeId ?? Number.MAX_SAFE_INTEGER,
        limit,
      ),
  ),
};

/** The row that explains an admin's change of a balance, by its difference. No row for no difference. */
export async function recordBalanceChange(
  transaction: Transaction,
  userId: number,
  amountNanos: number,
  cause: Cause,
  kind: LedgerKind = amountNanos > 0 ? "top_up" : "correction",
): Promise<void> {
  if (amountNanos === 0) return;
  await transaction.ledgerRow.create({
    data: {
      userId,
      kind,
      amountNanos,
      reason: cause.reason,
      requestId: cause.actor.requestId,
      actorUserId: cause.actor.userId,
      actorKeyId: cause.actor.keyId,
      atMs: cause.atMs,
    },
  });
}
