/** Forgets what is older than it has to be kept: answers of named requests, usage rows whose sums are kept, and what admins have dealt with. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { ConfigStore } from "../../lib/config/types.ts";
import { msPerDay } from "../../lib/data/daily-usage.ts";
import type { Database } from "../../lib/data/types.ts";
import { keptForMs } from "../../lib/gateway/idempotency/answers.ts";

const everyMs = 3_600_000;

/** Rows of one transaction: settlements wait for some milliseconds at most. */
const rowsAtOnce = 2_000;
/** They may have a megabyte each. */
const answersAtOnce = 100;

/** Long enough to look into what happened last year. */
const auditKeptMs = 400 * msPerDay;
/** Somebody may ask why, and a decided sign-up holds an address that nothing else may need. */
const signupsKeptMs = 90 * msPerDay;
/** After its end, to tell an expired link from a wrong one. */
const invitationsKeptMs = 30 * msPerDay;

type PrunedTables = Pick<Database, "idempotentAnswers" | "usage" | "auditLog" | "signups" | "invitations">;

interface PruneServices {
  database: PrunedTables;
  config: Pick<ConfigStore, "current">;
  log: Pick<Logger, "error">;
}

/** Prunes now and every hour. What fails, as the disk is full, is tried again then. */
export function startPruning({ database, config, log }: PruneServices): void {
  const run = () => {
    prune(database, config.current.retention_days, Date.now()).catch((error: unknown) =>
      log.error(error, "Pruning failed."),
    );
  };
  run();
  setInterval(run, everyMs).unref();
}

/** @param retentionDays how long usage rows are kept */
export async function prune(database: PrunedTables, retentionDays: number, nowMs: number): Promise<void> {
  await allOf(answersAtOnce, (atMost) => database.idempotentAnswers.prune(nowMs - keptForMs, atMost));
  const beforeMs = nowMs - retentionDays * msPerDay;
  await allOf(rowsAtOnce, (atMost) => database.usage.prune(beforeMs, atMost));
  await allOf(rowsAtOnce, (atMost) => database.auditLog.prune(nowMs - auditKeptMs, atMost));
  await allOf(rowsAtOnce, (atMost) => database.signups.prune(nowMs - signupsKeptMs, atMost));
  await allOf(rowsAtOnce, (atMost) => database.invitations.prune(nowMs - invitationsKeptMs, atMost));
}

async function allOf(atMost: number, prune: (atMost: number) => Promise<number>): Promise<void> {
  while ((await prune(atMost)) === atMost) await nextTurn();
}
