import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../lib/data/types.ts";
import { sample } from "../../lib/system/testing/sample.ts";
import { cause, keyRow, settlement } from "../database/testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { FakeClock } from "../system/testing/fake-clock.ts";
import { UptimeHistory } from "./uptime.ts";
import { UptimeRecord } from "./uptime-record.ts";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** A Monday at midnight. */
const mondayMs = Date.UTC(2026, 5, 1);

let held: TestDatabase;
let clock: FakeClock;
let logLines: string[];
beforeEach(async () => {
  held = await openTestDatabase();
  clock = new FakeClock(mondayMs);
  logLines = [];
});
afterEach(() => held.remove());

const newRecord = (database: Pick<Database, "uptimeSpans"> = held.database) =>
  new UptimeRecord({ database, log: pino({}, { write: (line: string) => logLines.push(line) }), clock });

async function begin(): Promise<UptimeRecord> {
  const record = newRecord();
  await record.start();
  return record;
}

/** Time passes for a gateway that runs. */
async function run(record: UptimeRecord, ms: number): Promise<void> {
  const stepMs = Math.max(15_000, Math.ceil(ms / 50));
  for (let left = ms; left > 0; left -= stepMs) {
    clock.pass(Math.min(stepMs, left));
    await record.beat();
  }
}

const report = (days: number, record: Pick<UptimeRecord, "current"> = { current: () => null }) =>
  new UptimeHistory({ database: held.database, record, clock }).report(days);
const percents = async (days: number, record?: UptimeRecord) =>
  (await report(days, record)).daily.map(({ uptimePercent }) => uptimePercent);

test("10 minutes of downtime lower that day's percentage by exactly that", async () => {
  const first = await begin();
  await run(first, dayMs + 5 * hourMs);
  await first.stop();
  clock.pass(10 * minuteMs);
  const second = await begin();
  await run(second, 2 * dayMs - 5 * hourMs - 10 * minuteMs);
  expect(await percents(4, second)).toEqual([100, 100 * (1 - 10 / 1440), 100, null]);
  const { overallPercent } = await report(4, second);
  expect(overallPercent).toBeCloseTo(100 * (1 - 10 / (3 * 1440)), 10);
});

test("a kill takes what was not written down since the last beat, and no more", async () => {
  const killed = await begin();
  await run(killed, hourMs);
  clock.pass(14_000); // It runs on, and is killed before the next beat.
  clock.pass(10 * minuteMs);
  const next = await begin();
  await run(next, hourMs);
  const lostMs = 14_000 + 10 * minuteMs;
  expect(await percents(1, next)).toEqual([(100 * 2 * hourMs) / (2 * hourMs + lostMs)]);
});

test("today counts up to now, whenever the last beat was", async () => {
  const record = await begin();
  await run(record, hourMs);
  clock.pass(9_000);
  expect(await percents(1, record)).toEqual([100]);
});

test("a clock that is set back counts nothing twice, one that is set ahead is no uptime", async () => {
  const record = await begin();
  await run(record, 3 * hourMs);
  clock.set(mondayMs + hourMs);
  await run(record, hourMs);
  // At two o'clock, when it is known to have been up from midnight until three.
  expect(await percents(1, record)).toEqual([100]);
  clock.set(mondayMs + 10 * hourMs);
  await run(record, 2 * hourMs);
  // Up from midnight until three, and from ten until twelve.
  expect(await percents(1, record)).toEqual([(100 * 5) / 12]);
  const rows = held.inspect<{ wrong: number }>(
    "SELECT count(*) AS wrong FROM uptime_spans WHERE seen_at_ms < started_at_ms",
  );
  expect(rows).toEqual([{ wrong: 0 }]);
});

test("small corrections of the clock do not matter", async () => {
  const record = await begin();
  for (const stepMs of [400, -900, 1_500, -1_200]) {
    await run(record, hourMs);
    clock.set(clock.wallMs() + stepMs);
    await record.beat();
  }
  expect(held.inspect("SELECT id FROM uptime_spans")).toHaveLength(1);
  expect(await percents(1, record)).toEqual([100]);
});

test("a machine that starts in 1970 has no data until its clock is right", async () => {
  clock.set(1_000_000);
  const record = await begin();
  await run(record, minuteMs);
  expect(held.inspect("SELECT id FROM uptime_spans")).toEqual([]);
  clock.set(mondayMs + 12 * hourMs);
  await run(record, hourMs);
  expect(await percents(2, record)).toEqual([null, 100]);
});

test("latency and models of each day stand beside it", async () => {
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 1_000_000_000, limits: {} };
  await held.database.users.create(user, keyRow(), cause);
  const ended = (durationMs: number) => ({
    settlement: settlement({ startedAtMs: mondayMs + hourMs, durationMs }),
    chargeNanos: 1,
  });
  await held.database.settle([ended(100), ended(300)]);
  await held.database.systemSamples.record(mondayMs, sample({ ready_models: { avg: 1.5, max: 2 } }));
  const record = await begin();
  await run(record, dayMs + hourMs);
  expect((await report(2, record)).daily).toMatchObject([
    { date: "2026-06-01", averageLatencyMs: 200, averageModels: 1.5 },
    { date: "2026-06-02", averageLatencyMs: null, averageModels: null },
  ]);
});

test("however many ask, the database is asked once in ten seconds for each span", async () => {
  let asked = 0;
  const { uptimeSpans } = held.database;
  const since = (fromMs: number) => {
    asked++;
    return uptimeSpans.since(fromMs);
  };
  const database = { ...held.database, uptimeSpans: { ...uptimeSpans, since } };
  const history = new UptimeHistory({ database, record: { current: () => null }, clock });
  const reports = await Promise.all([1, 7, 30, 31].map((days) => history.report(days)));
  expect(reports.map(({ daily }) => daily.length)).toEqual([1, 7, 30, 31]);
  expect(asked).toBe(1);
  for (let days = 1; days <= 366; days++) await history.report(days);
  expect(asked).toBe(3);
  clock.pass(10_000);
  await history.report(3);
  expect(asked).toBe(4);
});

test("a disk that takes nothing is said once, and the time is made up for later", async () => {
  let isFull = true;
  const { uptimeSpans } = held.database;
  const begin = async (atMs: number) => {
    if (isFull) throw new Error("SQLITE_FULL");
    return uptimeSpans.begin(atMs);
  };
  const record = newRecord({ uptimeSpans: { ...uptimeSpans, begin } });
  await record.start();
  await run(record, hourMs);
  expect(logLines).toHaveLength(1);
  isFull = false;
  await run(record, hourMs);
  await record.stop();
  expect(await percents(1)).toEqual([100]);
});
