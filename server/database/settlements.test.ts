import { afterEach, beforeEach, expect, test } from "vitest";
import { databasePaths } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;
const file = () => databasePaths(held.dataDir).file;

beforeEach(async () => {
  held = await openTestDatabase();
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 1_000_000_000, limits: {} };
  await held.database.users.create(user, keyRow({ hash: "taken" }), cause);
});
afterEach(() => held.remove());

const balance = () =>
  held.inspect<{ balance_nanos: number }>("SELECT balance_nanos FROM users WHERE id = 1")[0]?.balance_nanos;

test("a settlement leaves its usage row, its charge, the new balance and the day's sums", async () => {
  const one = settlement({ requestId: "req_1", costNanos: 7000, durationMs: 80.5 });
  const failed = settlement({ requestId: "req_2", outcome: "engine_failed", costNanos: 500, durationMs: 20 });
  await held.database.settle(
    [one, failed].map((each) => ({ settlement: each, chargeNanos: each.costNanos })),
  );

  expect(balance()).toBe(1_000_000_000 - 7500);
  expect(held.inspect("SELECT * FROM usage WHERE request_id = 'req_1'")).toEqual([
    {
      id: 1,
      request_id: "req_1",
      user_id: 1,
      key_id: 1,
      endpoint: "chat.completions",
      model: "tiny",
      slot_port: 4801,
      outcome: "ok",
      http_status: 200,
      streamed: 1,
      estimated: 0,
      prompt_tokens: 12,
      cached_tokens: 4,
      completion_tokens: 30,
      image_tokens: 0,
      audio_tokens: 0,
      audio_ms: 0,
      cost_nanos: 7000,
      charge_nanos: 7000,
      started_at_ms: cause.atMs,
      queue_ms: 0.5,
      first_token_ms: 12.25,
      duration_ms: 80.5,
    },
  ]);
  expect(
    held.inspect("SELECT kind, amount_nanos, request_id, at_ms FROM ledger WHERE kind = 'charge'"),
  ).toEqual([
    { kind: "charge", amount_nanos: -7000, request_id: "req_1", at_ms: cause.atMs + 80 },
    { kind: "charge", amount_nanos: -500, request_id: "req_2", at_ms: cause.atMs + 20 },
  ]);
  const day = Math.floor(cause.atMs / 86_400_000);
  expect(await held.database.dailyUsage.ofUser(1, day - 6, day)).toEqual([
    {
      day,
      requests: 2,
      errors: 1,
      promptTokens: 24,
      cachedTokens: 8,
      completionTokens: 60,
      costNanos: 7500,
      chargeNanos: 7500,
      durationMs: 100.5,
    },
  ]);
  expect(await held.database.usage.totals({ userId: 1 }, cause.atMs)).toMatchObject({
    requests: 2,
    averageMs: 50.25,
  });
  expect(await held.database.usage.totals(null, cause.atMs + 1)).toMatchObject({ requests: 0, errors: 0 });
});

test("a batch that is written again counts once, also where a part of it is new", async () => {
  const entries = [settlement(), settlement()].map((each) => ({ settlement: each, chargeNanos: 7000 }));
  await held.database.settle(entries);
  await held.database.settle(entries);
  await held.database.settle([...entries, { settlement: settlement(), chargeNanos: 7000 }]);
  expect(balance()).toBe(1_000_000_000 - 3 * 7000);
  expect(auditBooks(file())).toEqual(noDifferences);
});

test("what is not charged is recorded, and leaves the balance alone", async () => {
  await held.database.settle([{ settlement: settlement({ costNanos: 7000 }), chargeNanos: 0 }]);
  expect(balance()).toBe(1_000_000_000);
  expect(held.inspect("SELECT cost_nanos, charge_nanos FROM usage")).toEqual([
    { cost_nanos: 7000, charge_nanos: 0 },
  ]);
  expect(held.inspect("SELECT * FROM ledger WHERE kind = 'charge'")).toEqual([]);
});

test("one bad row leaves nothing of its batch", async () => {
  const bad = settlement({ durationMs: Number.NaN });
  const batch = [settlement(), bad].map((each) => ({ settlement: each, chargeNanos: 7000 }));
  await expect(held.database.settle(batch)).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_NOTNULL" });
  expect(balance()).toBe(1_000_000_000);
  expect(held.inspect("SELECT * FROM usage")).toEqual([]);
});

test("admin transactions that roll back beside 1,000 settlements take none of them along", async () => {
  const settlements: Promise<void>[] = [];
  const rolledBack: Promise<string>[] = [];
  for (let round = 0; round < 50; round += 1) {
    // Adds a user, a ledger row and an audit line, and then fails on a key that exists.
    const user = { email: `b${round}@example.com`, tier: "payg" as const, balanceNanos: 5, limits: {} };
    const failing = held.database.users.create(user, keyRow({ hash: "taken" }), cause);
    rolledBack.push(failing.then(String, () => "rolled back"));
    for (let count = 0; count < 20; count += 1)
      settlements.push(held.database.settle([{ settlement: settlement(), chargeNanos: 7000 }]));
    // The rounds overlap: a transaction has begun when settlements arrive, and settlements wait when one begins.
    await settlements[round * 10];
  }
  await Promise.all(settlements);
  expect(new Set(await Promise.all(rolledBack))).toEqual(new Set(["rolled back"]));

  expect(held.inspect("SELECT count(*) AS n FROM usage")).toEqual([{ n: 1000 }]);
  expect(held.inspect("SELECT email FROM users")).toEqual([{ email: "a@example.com" }]);
  expect(balance()).toBe(1_000_000_000 - 1000 * 7000);
  expect(auditBooks(file())).toEqual(noDifferences);
});
