/** Table `audit_log`: every action of an admin, written in the transaction of what it did where there is one. */
import { onReader, onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

/** An action of an admin, or of the gateway itself. */
export interface AuditEntry {
  id: number;
  atMs: number;
  actorUserId: number | null;
  actorKeyId: number | null;
  requestId: string;
  action: string;
  target: string;
  /** JSON. */
  detail: string;
}

/** Which entries are asked for; null: any. */
export interface AuditFilter {
  /** Only those older than the entry of this id. */
  beforeId: number | null;
  /** As `user.create`, or all of a kind: `user.`. */
  action: string | null;
  /** As `user:5`. */
  target: string | null;
}

/** Columns of an entry, for queries of our own. */
export const auditColumns =
  "id, at_ms AS atMs, actor_user_id AS actorUserId, actor_key_id AS actorKeyId, request_id AS requestId, action, target, detail";

type Fields = Record<string, unknown>;

/** Those fields that differ, as they were and as they are. */
export function difference(before: Fields, after: Fields): { before: Fields; after: Fields } {
  const keys = Object.keys({ ...before, ...after }).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const of = (fields: Fields) => Object.fromEntries(keys.map((key) => [key, fields[key] ?? null]));
  return { before: of(before), after: of(after) };
}

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

  /** The latest entries, newest first. */
  list: onReader(
    async (context, { beforeId, action, target }: AuditFilter, limit: number): Promise<AuditEntry[]> =>
      context.rows<AuditEntry>(
        `SELECT ${auditColumns} FROM audit_log WHERE id < ?1 AND (?2 IS NULL OR target = ?2)
           AND (?3 IS NULL OR action = ?3 OR (substr(?3, -1) = '.' AND substr(action, 1, length(?3)) = ?3))
         ORDER BY id DESC LIMIT ?4`,
        beforeId ?? Number.MAX_SAFE_INTEGER,
        target,
        action,
        limit,
      ),
  ),

  /**
   * Forgets what is older, at most so many.
   * @returns how many
   */
  prune: onWriter(async (context, beforeMs: number, atMost: number): Promise<number> => {
    const removed = await context.rows(
      `DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at_ms < ? LIMIT ?) RETURNING 1`,
      beforeMs,
      atMost,
    );
    return removed.length;
  }),
};
