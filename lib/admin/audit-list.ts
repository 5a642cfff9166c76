/** The audit log as admins read it. */
import type { AuditEntry } from "../data/audit-log.ts";
import type { Accounts } from "../money/types.ts";
import type { AuditReply } from "./schemas/people.ts";

export function auditReply(entry: AuditEntry, accounts: Accounts): AuditReply {
  return {
    id: entry.id,
    at: new Date(entry.atMs).toISOString(),
    action: entry.action,
    target: entry.target,
    actor: actorOf(entry, accounts),
    request_id: entry.requestId,
    detail: JSON.parse(entry.detail) as Record<string, unknown>,
  };
}

function actorOf({ actorUserId, actorKeyId }: AuditEntry, accounts: Accounts): AuditReply["actor"] {
  if (actorUserId === null) return null;
  const key = accounts.keysOf(actorUserId).find(({ id }) => id === actorKeyId);
  return {
    user_id: actorUserId,
    email: accounts.account(actorUserId)?.email ?? null,
    key_id: actorKeyId,
    key_name: key?.name ?? null,
    key_prefix: key?.prefix ?? null,
  };
}
