import { afterEach, beforeEach, expect, test } from "vitest";
import type { SettlementEntry } from "../../lib/data/types.ts";
import { databasePaths } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;

beforeEach(async () => {
  held = await openTestDatabase();
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 10_000, limits: {} };
  await held.database.users.create(user, keyRow(), cause);
});
afterEach(() => held.remove());

const entry = (requestId: string, costNanos: number): SettlementEntry => ({
  settlement: settlement({ requestId, costNanos, outcome: "interrupted" }),
  chargeNanos: costNanos,
});
const charges = () =>
  held.inspect("SELECT request_id, outcome, charge_nanos FROM usage ORDER BY id") as Record<
    string,
    unknown
  >[];
const open = () => held.inspect("SELECT request_id FROM open_requests");

test("what was noted last is settled, once", async () => {
  await held.database.openRequests.note([entry("a", 100), entry("b", 200)]);
  await held.database.openRequests.note([entry("a", 300)]);
  expect(await held.database.settleOpenRequests()).toBe(2);
  expect(charges()).toEqual([
    { request_id: "a", outcome: "interrupted", charge_nanos: 300 },
    { request_id: "b", outcome: "interrupted", charge_nanos: 200 },
  ]);
  expect(open()).toEqual([]);
  expect(await held.database.settleOpenRequests()).toBe(0);
  expect(charges()).toHaveLength(2);
});

test("a settlement removes its note, and others stay", async () => {
  await held.database.openRequests.note([entry("a", 100), entry("b", 200)]);
  const ended = settlement({ requestId: "a", costNanos: 150 });
  await held.database.settle([
    { settlement: ended, chargeNanos: 150, along: { wasNoted: true, answer: null } },
    { settlement: settlement({ requestId: "c" }), chargeNanos: 1 },
  ]);
  expect(open()).toEqual([{ request_id: "b" }]);
});

test("a note that outlived its settlement changes nothing", async () => {
  await held.database.settle([{ settlement: settlement({ requestId: "a" }), chargeNanos: 150 }]);
  await held.database.openRequests.note([entry("a", 100)]);
  await held.database.settleOpenRequests();
  expect(charges()).toEqual([{ request_id: "a", outcome: "ok", charge_nanos: 150 }]);
  expect(open()).toEqual([]);
});

test("nobody falls below zero, as when an admin lowered the balance meanwhile", async () => {
  await held.database.openRequests.note([entry("a", 8_000), entry("b", 8_000), entry("c", 8_000)]);
  await held.database.settleOpenRequests();
  expect(charges().map((row) => row.charge_nanos)).toEqual([8_000, 2_000, 0]);
  expect(auditBooks(databasePaths(held.dataDir).file)).toEqual(noDifferences);
});
