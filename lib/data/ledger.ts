/** Table `ledger`, as far as admins write it. Charges come from settlements. */
import type { LedgerKind } from "../money/types.ts";
import type { Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

/** The row that explains an admin's change of a balance, by its difference. No row for no difference. */
export async function recordBalanceChange(
  transaction: Transaction,
  userId: number,
  amountNanos: number,
  cause: Cause,
): Promise<void> {
  if (amountNanos === 0) return;
  const kind: LedgerKind = amountNanos > 0 ? "top_up" : "correction";
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
