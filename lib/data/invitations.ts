/** Table `invitations`: links that let a user set a password, once. */
import { onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

export interface NewInvitationRow {
  /** SHA-256 of the token in hexadecimal: the token itself is stored nowhere. */
  hash: string;
  expiresAtMs: number;
}

/** Adds an invitation within a transaction. */
export async function insertInvitation(
  transaction: Transaction,
  userId: number,
  invitation: NewInvitationRow,
  cause: Cause,
): Promise<void> {
  await transaction.invitation.create({ data: { ...invitation, userId, createdAtMs: cause.atMs } });
}

export const invitations = {
  /**
   * Uses an invitation up: of two at once, one gets it.
   * @returns whose it is; null where it is unknown, used or expired
   */
  use: onWriter(async (context, hash: string, nowMs: number): Promise<number | null> => {
    const [used] = await context.rows<{ userId: number }>(
      `UPDATE invitations SET used_at_ms = ?2 WHERE hash = ?1 AND used_at_ms IS NULL AND expires_at_ms > ?2
       RETURNING user_id AS userId`,
      hash,
      nowMs,
    );
    return used?.userId ?? null;
  }),

  /**
   * Forgets those that have been expired since a moment, at most so many.
   * @returns how many
   */
  prune: onWriter(async (context, beforeMs: number, atMost: number): Promise<number> => {
    const removed = await context.rows(
      `DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at_ms < ? LIMIT ?)
       RETURNING 1`,
      beforeMs,
      atMost,
    );
    return removed.length;
  }),
};
