/** The audit log's lines for what is done outside the database. */
import type { Actor } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Writes down what an admin does. What it is about is not undone when that fails: then it stands in the log.
 * @param action as `slot.load`
 * @param target as `slot:4801`
 * @param detail never a secret
 */
export async function audit(
  { database, log }: Pick<Runtime, "database" | "log">,
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
