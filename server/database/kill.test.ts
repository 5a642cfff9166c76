import { expect, test } from "vitest";
import { databasePaths } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { startChild } from "./testing/child.ts";
import { cause, keyRow } from "./testing/samples.ts";
import { inspect, openTestDatabase } from "./testing/test-database.ts";

/** Lets the child commit this many batches, kills it, and gives the numbers it reported. */
async function killAfter(dataDir: string, firstBatch: number, batches: number): Promise<number[]> {
  const child = startChild("settle-forever", dataDir, String(firstBatch));
  const reported: number[] = [];
  for await (const line of child.lines) {
    reported.push(Number(line));
    if (reported.length === batches) child.process.kill("SIGKILL");
  }
  expect(await child.ended).toBeNull();
  return reported;
}

test("a process killed in mid-settlement leaves whole batches, and every one that it reported", async () => {
  const held = await openTestDatabase();
  const { file } = databasePaths(held.dataDir);
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 5_000_000_000, limits: {} };
  await held.database.users.create(user, keyRow(), cause);
  // Nobody else has the file open, so that whoever opens it next has to recover it.
  await held.database.close();
  try {
    for (const [firstBatch, batches] of [
      [0, 1],
      [100_000, 40],
      [200_000, 700],
    ] as const) {
      const reported = await killAfter(held.dataDir, firstBatch, batches);
      expect(reported.length).toBeGreaterThanOrEqual(batches);
      expect(auditBooks(file)).toEqual(noDifferences);
      const found = inspect<{ batch: string; size: number }>(
        file,
        `SELECT substr(request_id, 7, instr(substr(request_id, 7), '-') - 1) AS batch, count(*) AS size
         FROM usage GROUP BY batch`,
      );
      expect(found.filter((row) => row.size !== 10)).toEqual([]);
      const committed = new Set(found.map((row) => Number(row.batch)));
      expect(reported.filter((batch) => !committed.has(batch))).toEqual([]);
    }
  } finally {
    await held.remove();
  }
});
