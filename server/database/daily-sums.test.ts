import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { databasePaths } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;
const day = Math.floor(cause.atMs / 86_400_000);

beforeEach(async () => {
  held = await openTestDatabase();
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 1_000_000_000, limits: {} };
  await held.database.users.create(user, keyRow(), cause);
});
afterEach(() => held.remove());

async function settle(count: number): Promise<void> {
  const entries = Array.from({ length: count }, () => ({ settlement: settlement(), chargeNanos: 7000 }));
  await held.database.settle(entries);
}

const stored = () =>
  held.inspect<{ requests: number }>("SELECT ifnull(sum(requests), 0) AS requests FROM daily_usage")[0]
    ?.requests;
const read = async () => (await held.database.dailyUsage.ofUser(1, day, day))[0]?.requests;

test("the sums follow after a second, and who reads them meanwhile misses nothing", async () => {
  await settle(3);
  expect(stored()).toBe(0);
  expect(await read()).toBe(3);
  await vi.waitFor(() => expect(stored()).toBe(3), { timeout: 5_000 });
  expect(await read()).toBe(3);
  await settle(2);
  expect(stored()).toBe(3);
  expect(await read()).toBe(5);
  expect(auditBooks(databasePaths(held.dataDir).file)).toEqual(noDifferences);
});

test("many rows are followed at once", async () => {
  await settle(249);
  expect(stored()).toBe(0);
  await settle(1);
  await vi.waitFor(() => expect(stored()).toBe(250), { timeout: 500 });
  expect(await read()).toBe(250);
});
