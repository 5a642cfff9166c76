/**
 * The end of a user on request. What names the person goes; the user's row stays without a name, so that the sums of
 * the ledger, of days and of models stay true.
 */
import { GatewayError } from "../errors.ts";
import { dollarsFromNanos } from "../money/nanos.ts";
import { recordAction } from "./audit-log.ts";
import { recordBalanceChange } from "./ledger.ts";
import { onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

/** An address that nobody can have: `.invalid` is reserved for that (RFC 2606). */
export const deletedEmail = (id: number): string => `deleted-${id}@invalid`;

/** What stands in the place of texts that may name a person. */
const removed = "removed with the user";

/** The ledger is read through, which takes about a second for some millions of rows. */
const timeoutMs = 60_000;

export const deletedUsers = {
  /** @throws GatewayError 404 */
  remove: onWriter(async (context, id: number, cause: Cause): Promise<void> => {
    const prisma = await context.prisma();
    // What is deleted is overwritten, too, and server/database/erase.ts sees to the rest: now, or at the next start.
    await context.rows("PRAGMA user_version = 1");
    await context.rows("PRAGMA secure_delete = ON");
    try {
      await prisma.$transaction((transaction) => removeUser(transaction, id, cause), { timeout: timeoutMs });
    } finally {
      await context.rows("PRAGMA secure_delete = OFF");
    }
  }),
};

async function removeUser(transaction: Transaction, id: number, cause: Cause): Promise<void> {
  const user = await transaction.user.findFirst({ where: { id, deletedAtMs: null } });
  if (!user) throw new GatewayError("not_found", `There is no user ${id}.`);
  const keys = await transaction.apiKey.findMany({ where: { userId: id }, select: { id: true } });
  const asked = await transaction.signup.findMany({
    where: { OR: [{ userId: id }, { email: user.email }] },
    select: { id: true },
  });
  await endKeys(
    transaction,
    keys.map((key) => key.id),
    cause,
  );
  await transaction.signup.deleteMany({ where: { id: { in: asked.map((signup) => signup.id) } } });
  await transaction.invitation.deleteMany({ where: { userId: id } });
  await transaction.ledgerRow.updateMany({
    where: { userId: id, reason: { not: "" } },
    data: { reason: removed },
  });
  const reason = "Balance written off: the user was deleted";
  await recordBalanceChange(transaction, id, -Number(user.balanceNanos), { ...cause, reason }, "correction");
  await transaction.user.update({
    where: { id },
    data: {
      email: deletedEmail(id),
      tier: "payg",
      active: false,
      balanceNanos: 0,
      limits: "{}",
      sessionVersion: { increment: 1 },
      deletedAtMs: cause.atMs,
    },
  });
  const targets = [
    `user:${id}`,
    ...keys.map((key) => `key:${key.id}`),
    ...asked.map((signup) => `signup:${signup.id}`),
  ];
  await transaction.auditEntry.updateMany({
    where: { target: { in: targets } },
    data: { detail: JSON.stringify({ removed }) },
  });
  await forgetMentions(transaction, user.email);
  const detail = { written_off: dollarsFromNanos(Number(user.balanceNanos)), keys: keys.length };
  await recordAction(transaction, "user.delete", `user:${id}`, detail, cause);
}

/** Rows stay, as usage refers to them, but recognise nothing any more; kept answers of their requests go. */
async function endKeys(transaction: Transaction, ids: readonly number[], cause: Cause): Promise<void> {
  await transaction.idempotentAnswer.deleteMany({ where: { keyId: { in: [...ids] } } });
  for (const id of ids)
    await transaction.apiKey.update({
      where: { id },
      data: { name: "deleted", prefix: "", hash: `deleted-${id}`, limits: "{}", revokedAtMs: cause.atMs },
    });
}

/** The address in what admins wrote about others, as in a reason. */
async function forgetMentions(transaction: Transaction, email: string): Promise<void> {
  // SQLite compares ASCII letters of either case as equal here, and addresses are ASCII.
  const entries = await transaction.auditEntry.findMany({ where: { detail: { contains: email } } });
  for (const { id, detail } of entries)
    await transaction.auditEntry.update({ where: { id }, data: { detail: without(detail, email) } });
  const rows = await transaction.ledgerRow.findMany({ where: { reason: { contains: email } } });
  for (const { id, reason } of rows)
    await transaction.ledgerRow.update({ where: { id }, data: { reason: without(reason, email) } });
  const messages = await transaction.signup.findMany({ where: { message: { contains: email } } });
  for (const { id, message } of messages)
    await transaction.signup.update({ where: { id }, data: { message: without(message, email) } });
}

/** Longer addresses that have this one in them are somebody else's. */
function without(text: string, email: string): string {
  const literal = email.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return text.replaceAll(new RegExp(`(?<![\\w.+-])${literal}(?![\\w-]|\\.\\w)`, "gi"), removed);
}
