/** What happens to everything else while somebody reads a lot. */
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { createAccounts } from "../../../lib/money/accounts.ts";
import { Connection } from "../connection.ts";
import { databasePaths } from "../paths.ts";
import { actor, settlement } from "./samples.ts";
import type { TestDatabase } from "./test-database.ts";

export interface LongReadReport {
  /** Sum that the reads gave, to show that they read every row. */
  requestsRead: number;
  slowestReadMs: number;
  /** Of the main thread. */
  eventLoopDelayP99Ms: number;
  /** Settlements that were made after a read had begun and were committed before it ended. */
  settledDuringReads: number;
  settlementP99Ms: number;
  settlementMaxMs: number;
}

/** Fills `usage` with rows of the past, by SQL alone. */
export function fillUsage({ dataDir }: TestDatabase, rows: number): void {
  const connection = new Connection(databasePaths(dataDir).file);
  connection.exec(`INSERT INTO usage (request_id, user_id, key_id, endpoint, model, outcome, http_status, streamed,
      estimated, prompt_tokens, cached_tokens, completion_tokens, cost_nanos, charge_nanos, started_at_ms, queue_ms,
      duration_ms)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
    SELECT printf('req_%012d', n), 1 + n % 100, 1 + n % 100, 'chat.completions', 'tiny', 'ok', 200, 1, 0, 100, 0, 50,
      7000, 0, 1700000000000 + n * 100, 0.5, 80.5 FROM numbers`);
  // Not later, when the first settlement commits.
  connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  connection.close();
}

/** Reads the whole table, at least for `minimumMs`, while requests go on being settled. */
export async function readWhileSettling(held: TestDatabase, minimumMs: number): Promise<LongReadReport> {
  const { database } = held;
  const accounts = await createAccounts({ database });
  const { account } = await accounts.createUser({ email: "a@example.com", tier: "payg" }, actor, "");
  await database.usage.totals({ userId: 1 }, Date.now());
  const report = { requestsRead: 0, slowestReadMs: 0, settledDuringReads: 0 };
  const settlementNs = createHistogram();
  let reading = true;
  let reads = 0;

  const settleAll = async () => {
    while (reading) {
      const [startedMs, read] = [performance.now(), reads];
      await accounts.settle(settlement({ userId: account.id, startedAtMs: Date.now() }));
      settlementNs.record(Math.max(1, Math.round((performance.now() - startedMs) * 1e6)));
      if (reading && reads === read) report.settledDuringReads += 1;
    }
  };
  const readAll = async () => {
    const endMs = performance.now() + minimumMs;
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const { requests } = await database.usage.totals(null, 0);
      reads += 1;
      report.requestsRead = requests;
      report.slowestReadMs = Math.max(report.slowestReadMs, performance.now() - startedMs);
    }
    reading = false;
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await Promise.all([readAll(), settleAll(), settleAll()]);
  delay.disable();
  return {
    ...report,
    eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
    settlementP99Ms: settlementNs.percentile(99) / 1e6,
    settlementMaxMs: settlementNs.max / 1e6,
  };
}
