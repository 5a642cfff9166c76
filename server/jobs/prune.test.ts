import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { msPerDay } from "../../lib/data/daily-usage.ts";
import type { SettlementEntry } from "../../lib/data/types.ts";
import { keptForMs } from "../../lib/gateway/idempotency/answers.ts";
import { cause, keyRow, settlement } from "../database/testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { prune } from "./prune.ts";

const nowMs = cause.atMs;
const retentionDays = 30;
let held: TestDatabase;

beforeEach(async () => {
  held = await openTestDatabase();
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 1_000_000_000, limits: {} };
  await held.database.users.create(user, keyRow(), cause);
});
afterEach(() => held.remove());

const startedDaysAgo = (days: number, count: number): SettlementEntry[] =>
  Array.from({ length: count }, () => ({
    settlement: settlement({ startedAtMs: nowMs - days * msPerDay }),
    chargeNanos: 10,
  }));
const count = (table: string, condition = "true") =>
  held.inspect<{ found: number }>(`SELECT count(*) AS found FROM ${table} WHERE ${condition}`)[0]?.found;
const summed = () => held.inspect<{ all: number }>("SELECT sum(requests) AS 'all' FROM daily_usage")[0]?.all;

test("usage rows go after their days, however many; their sums and the ledger stay", async () => {
  await held.database.settle(startedDaysAgo(31, 4_500));
  await held.database.settle(startedDaysAgo(29, 3));
  await vi.waitFor(() => expect(summed()).toBe(4_503), { timeout: 5_000 });
  await prune(held.database, retentionDays, nowMs);
  expect(count("usage")).toBe(3);
  expect(summed()).toBe(4_503);
  expect(count("ledger", "kind = 'charge'")).toBe(4_503);
});

test("a row that the sums have not reached stays, however old", async () => {
  await held.database.settle(startedDaysAgo(31, 2));
  await prune(held.database, retentionDays, nowMs);
  expect(count("usage")).toBe(2);
});

test("kept answers go after a day", async () => {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const kept = (name: string, ageMs: number): SettlementEntry => ({
    settlement: settlement(),
    chargeNanos: 0,
    along: {
      wasNoted: false,
      answer: {
        keyId: 1,
        nameHash: hash(name),
        requestHash: hash("body"),
        contentType: "application/json",
        body: Buffer.from("{}"),
        createdAtMs: nowMs - ageMs,
      },
    },
  });
  await held.database.settle([kept("old", keptForMs + 1), kept("new", keptForMs)]);
  await prune(held.database, retentionDays, nowMs);
  const sinceMs = nowMs - keptForMs;
  expect(await held.database.idempotentAnswers.find(1, hash("old"), 0)).toBeNull();
  expect(await held.database.idempotentAnswers.find(1, hash("new"), sinceMs)).not.toBeNull();
  expect(await held.database.idempotentAnswers.find(1, hash("new"), sinceMs + 1)).toBeNull();
  expect(await held.database.idempotentAnswers.find(2, hash("new"), sinceMs)).toBeNull();
});

test("what admins have dealt with goes after its time, and what waits for them stays", async () => {
  const daysAgo = (days: number) => nowMs - days * msPerDay;
  const { auditLog, signups } = held.database;
  const by = (days: number) => ({ ...cause, atMs: daysAgo(days) });
  for (const days of [401, 399]) await auditLog.record("slot.load", `slot:${days}`, {}, by(days));
  for (const [index, days] of [91, 89, 500].entries())
    await signups.submit(
      { email: `${index}@b.com`, tier: "payg", message: "", userId: null },
      10,
      daysAgo(days),
    );
  await signups.reject(1, by(91));
  await signups.reject(2, by(89));
  for (const [hash, days] of [
    ["old", 31],
    ["recent", 29],
  ] as const) {
    const user = { email: `${hash}@c.com`, tier: "payg" as const, balanceNanos: 0, limits: {} };
    await signups.submit({ email: user.email, tier: "payg", message: "", userId: null }, 10, nowMs);
    const signup = (await signups.list("pending", null, 1))[0];
    const approval = { signupId: signup?.id ?? 0, invitation: { hash, expiresAtMs: daysAgo(days) } };
    await held.database.users.create(user, keyRow(), cause, approval);
  }
  await prune(held.database, retentionDays, nowMs);
  expect(held.inspect("SELECT target FROM audit_log WHERE action = 'slot.load'")).toEqual([
    { target: "slot:399" },
  ]);
  expect(held.inspect("SELECT id FROM signups ORDER BY id")).toEqual([2, 3, 4, 5].map((id) => ({ id })));
  expect(held.inspect("SELECT hash FROM invitations")).toEqual([{ hash: "recent" }]);
});
