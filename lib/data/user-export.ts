/** What is kept about one user, page by page: each query gives the rows after the last one of the page before. */
import { type AuditEntry, auditColumns } from "./audit-log.ts";
import type { LedgerEntry } from "./ledger.ts";
import { onReader } from "./query.ts";
import { type Signup, signupColumns } from "./signups.ts";

/** A request as `usage` holds it, by the names of its columns. */
export interface ExportedRequest {
  id: number;
  started_at_ms: number;
  [column: string]: string | number | null;
}

/** Sums of a day, by the names of their columns. */
export interface ExportedDay {
  day: number;
  key_id: number;
  model: string;
  [column: string]: string | number | null;
}

/** The whole of a table is read at most once for all pages together, whatever index there is. */
export const userExport = {
  ledger: onReader(
    async (context, userId: number, afterId: number, limit: number): Promise<LedgerEntry[]> =>
      context.rows<LedgerEntry>(
        `SELECT id, kind, amount_nanos AS amountNanos, reason, request_id AS requestId,
           actor_user_id AS actorUserId, at_ms AS atMs
         FROM ledger WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?`,
        userId,
        afterId,
        limit,
      ),
  ),

  requests: onReader(
    async (
      context,
      userId: number,
      after: { startedAtMs: number; id: number },
      limit: number,
    ): Promise<ExportedRequest[]> =>
      context.rows<ExportedRequest>(
        `SELECT * FROM usage WHERE user_id = ? AND (started_at_ms, id) > (?, ?)
         ORDER BY started_at_ms, id LIMIT ?`,
        userId,
        after.startedAtMs,
        after.id,
        limit,
      ),
  ),

  days: onReader(
    async (
      context,
      userId: number,
      after: { day: number; keyId: number; model: string },
      limit: number,
    ): Promise<ExportedDay[]> =>
      context.rows<ExportedDay>(
        `SELECT * FROM daily_usage WHERE user_id = ?1 AND day >= ?2 AND (day, key_id, model) > (?2, ?3, ?4)
         ORDER BY day, key_id, model LIMIT ?5`,
        userId,
        after.day,
        after.keyId,
        after.model,
        limit,
      ),
  ),

  signups: onReader(
    async (context, userId: number, email: string, afterId: number, limit: number): Promise<Signup[]> =>
      context.rows<Signup>(
        `SELECT ${signupColumns} FROM signups WHERE (user_id = ? OR email = ?) AND id > ? ORDER BY id LIMIT ?`,
        userId,
        email,
        afterId,
        limit,
      ),
  ),

  /** @param targets what the entries are about, as `user:5` and `key:9` */
  audit: onReader(
    async (context, targets: readonly string[], afterId: number, limit: number): Promise<AuditEntry[]> =>
      context.rows<AuditEntry>(
        `SELECT ${auditColumns} FROM audit_log WHERE target IN (SELECT value FROM json_each(?)) AND id > ?
         ORDER BY id LIMIT ?`,
        JSON.stringify(targets),
        afterId,
        limit,
      ),
  ),
};
