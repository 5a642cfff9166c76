/** The audit log's lines for what is done outside the database. */
import type { Logger } from "pino";
import type { Database } from "../data/types.ts";
import type { Actor } from "../money/types.ts";

export interface AuditServices {
  database: Pick<Database, "auditLog">;
  log: Pick<Logger, "error">;
}

/**
 * Writes down what an admin does. What it is about is not undone when that fails: then it stands in the log.
 * @param action as `slot.load`
 * @param target as `slot:4801`
 * @param detail never a secret
 */
export async function audit(
  { database, log }: AuditServices,
  actor: Actor,
  action: string,
  target: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  try {
    await database.auditLog.record(action, target, detail, { actor, atMs: Date.now(), reason: "" });
  } catch (error) {
    log.error({ err: error, actor, action, target, detail }, "The audit log could not be written.");
  }
}
