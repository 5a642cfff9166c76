/** Table `audit_log`: every action of an admin, written in the transaction of what it did where there is one. */
import { onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

/**
 * @param target what was changed, as `user:5`
 * @param detail what changed; never a secret
 */
export async function recordAction(
  transaction: Transaction,
  action: string,
  target: string,
  detail: Record<string, unknown>,
  cause: Cause,
): Promise<void> {
  await transaction.auditEntry.create({
    data: {
      atMs: cause.atMs,
      actorUserId: cause.actor.userId,
      actorKeyId: cause.actor.keyId,
      requestId: cause.actor.requestId,
      action,
      target,
      detail: JSON.stringify(detail),
    },
  });
}

export const auditLog = {
  /** For what is done outside the database, as loading a model. */
  record: onWriter(
    async (
      context,
      action: string,
      target: string,
      detail: Record<string, unknown>,
      cause: Cause,
    ): Promise<void> => {
      await recordAction(await context.prisma(), action, target, detail, cause);
    },
  ),
};
