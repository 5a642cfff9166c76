/** What a start reads back, so that no limit forgets what was used. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { msPerDay } from "../../lib/data/daily-usage.ts";
import type { Settlement } from "../../lib/money/types.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;
const day = Math.floor(cause.atMs / msPerDay);
const dayStartMs = day * msPerDay;

beforeEach(async () => {
  held = await openTestDatabase();
  for (const email of ["a@example.com", "b@example.com"])
    await held.database.users.create(
      { email, tier: "payg", balanceNanos: 1_000_000_000, limits: {} },
      keyRow(),
      cause,
    );
});
afterEach(() => held.remove());

async function settle(...parts: Partial<Settlement>[]): Promise<void> {
  const entries = parts.map((part) => ({ settlement: settlement(part), chargeNanos: 0 }));
  await held.database.settle(entries);
}

/** The daily sums follow the rows after about a second. */
async function summed(requests: number): Promise<void> {
  const sql = "SELECT ifnull(sum(requests), 0) AS requests FROM daily_usage";
  await vi.waitFor(() => expect(held.inspect(sql)).toEqual([{ requests }]), { timeout: 5_000 });
}

const keyUse = async (firstDay: number) =>
  (await held.database.dailyUsage.byKeySince(firstDay)).sort((one, other) => one.keyId - other.keyId);

const one = { promptTokens: 10, completionTokens: 5, costNanos: 700 };

describe("byKeySince", () => {
  it("adds up prompts, answers and costs of each key, over models and days", async () => {
    expect(await keyUse(0)).toEqual([]);
    await settle(
      { ...one, startedAtMs: dayStartMs },
      { ...one, model: "another", startedAtMs: dayStartMs + msPerDay },
      { ...one, userId: 2, keyId: 2, outcome: "client_left", costNanos: 1 },
    );
    const sums = [
      { userId: 1, keyId: 1, costNanos: 1_400, tokens: 30 },
      { userId: 2, keyId: 2, costNanos: 1, tokens: 15 },
    ];
    expect(await keyUse(day)).toEqual(sums);
    await summed(3);
    expect(await keyUse(day)).toEqual(sums);
  });

  it("counts what is summed and what is not yet summed once each", async () => {
    await settle(one, one);
    await summed(2);
    await settle(one);
    expect(await keyUse(day)).toEqual([{ userId: 1, keyId: 1, costNanos: 2_100, tokens: 45 }]);
  });

  it("begins with the first moment of the day, whether that is summed or not", async () => {
    const before = { ...one, startedAtMs: dayStartMs - 1 };
    const first = { ...one, startedAtMs: dayStartMs };
    await settle(before, first);
    const sums = [{ userId: 1, keyId: 1, costNanos: 700, tokens: 15 }];
    expect(await keyUse(day)).toEqual(sums);
    await summed(2);
    expect(await keyUse(day)).toEqual(sums);
    expect(await keyUse(day + 1)).toEqual([]);
  });
});

describe("startedSince", () => {
  const started = (sinceMs: number) => held.database.usage.startedSince(sinceMs);

  it("lists who asked from a moment on, oldest first, with all tokens of each", async () => {
    expect(await started(0)).toEqual([]);
    const { atMs } = cause;
    await settle(
      { ...one, startedAtMs: atMs + 20, userId: 2, keyId: 2 },
      { ...one, startedAtMs: atMs + 10, completionTokens: 0 },
      { ...one, startedAtMs: atMs },
      { ...one, startedAtMs: atMs - 1 },
    );
    expect(await started(atMs)).toEqual([
      { userId: 1, keyId: 1, startedAtMs: atMs, tokens: 15 },
      { userId: 1, keyId: 1, startedAtMs: atMs + 10, tokens: 10 },
      { userId: 2, keyId: 2, startedAtMs: atMs + 20, tokens: 15 },
    ]);
  });
});
