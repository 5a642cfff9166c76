import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeSlots } from "../../lib/admin/testing/fake-slots.ts";
import type { Database } from "../../lib/data/types.ts";
import { machine } from "../../lib/fit/testing/questions.ts";
import { createMetrics } from "../../lib/metrics/registry.ts";
import type { Metrics } from "../../lib/metrics/types.ts";
import type { QueueSnapshot } from "../../lib/slots/types.ts";
import { type SystemSample, systemSample } from "../../lib/system/schemas.ts";
import { settlement } from "../database/testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { Sampler } from "./sampler.ts";
import { FakeClock } from "./testing/fake-clock.ts";

const noonMs = Date.UTC(2026, 5, 1, 12);
const minuteMs = 60_000;
const gigabyte = 1024 ** 3;

let held: TestDatabase;
let clock: FakeClock;
let slots: FakeSlots;
let metrics: Metrics;
let logLines: string[];
beforeEach(async () => {
  held = await openTestDatabase();
  clock = new FakeClock(noonMs);
  slots = new FakeSlots([4801, 4802]);
  const accounts = { storageOk: () => true, settlementsWaiting: () => 0 };
  metrics = createMetrics({ slots, accounts });
  logLines = [];
});
afterEach(() => held.remove());

const newSampler = (database: Pick<Database, "systemSamples"> = held.database) =>
  new Sampler({
    database,
    slots,
    metrics,
    machine: { read: async () => machine(8, { totalBytes: 8 * gigabyte, availableBytes: 6 * gigabyte }) },
    disks: async () => [{ holds: "data", path: "/", totalBytes: 100 * gigabyte, freeBytes: 60 * gigabyte }],
    log: pino({}, { write: (line: string) => logLines.push(line) }),
    clock,
  });

/** Time passes in the steps in which a sampler looks. */
async function run(sampler: Sampler, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    clock.pass(5_000);
    await sampler.look();
  }
}

async function rows(span: "minute" | "hour"): Promise<(SystemSample & { atMs: number })[]> {
  const found = await held.database.systemSamples.since(span, 0, Number.MAX_SAFE_INTEGER);
  return found.map(({ atMs, sample }) => ({ atMs, ...systemSample.parse(JSON.parse(sample)) }));
}

test("a sample a minute, with what happened in it", async () => {
  await slots.load(4801, { model_path: "tiny.gguf" });
  const sampler = newSampler();
  await sampler.look();
  metrics.settled(settlement({ promptTokens: 40, completionTokens: 90, firstTokenMs: 300 }));
  metrics.settled(settlement({ promptTokens: 2, completionTokens: 30, firstTokenMs: 400 }));
  const waiting = { requestId: "r", userId: 1, keyId: 1, endpoint: "chat", waitedMs: 1 };
  slots.queue = (): QueueSnapshot => ({
    lines: [{ model: "tiny", ports: [4801], waiting: [waiting, waiting, waiting] }],
    engines: [],
  });
  await run(sampler, 30_000);
  slots.queue = () => ({ lines: [], engines: [] });
  await run(sampler, 30_000);
  const [first, ...others] = await rows("minute");
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    atMs: noonMs,
    seconds: 60,
    memory_used_gb: { avg: 2, max: 2 },
    disk_used_gb: { avg: 40 },
    ready_models: { avg: 1, max: 1 },
    queue_length: { avg: 1.5, max: 3 }, // 6 of 12 looks found three.
    requests: 2,
    tokens_in: 42,
    tokens_out: 120,
    tokens_per_second: { avg: 2 },
    first_token_p50_ms: { avg: 375 }, // Between 250 and 500 ms, of which it knows no more.
    slots: [{ port: 4801, model: "tiny.gguf", ram_mb: { avg: 1.5 } }],
  });
  // What was counted once is not counted again.
  await run(sampler, minuteMs);
  expect((await rows("minute")).map(({ requests }) => requests)).toEqual([2, 0]);
});

test("an engine's share of the processor is what its processes used since the sample before", async () => {
  await slots.load(4801, { model_path: "tiny.gguf" });
  const [loaded] = await slots.snapshot();
  if (!loaded) throw new Error("There is no slot.");
  const used = (pid: number, cpuTimeS: number) => {
    slots.snapshot = async () => [{ ...loaded, pid, cpuTimeS }];
  };
  const sampler = newSampler();
  await sampler.look();
  for (const [pid, cpuTimeS] of [
    [7, 3],
    [7, 33],
    [8, 6], // Another engine, which was started meanwhile.
  ] as const) {
    used(pid, cpuTimeS);
    await run(sampler, minuteMs);
  }
  const percents = (await rows("minute")).map(({ slots }) => slots[0]?.cpu_percent?.avg);
  expect(percents).toEqual([5, 50, 10]);
  expect((await rows("hour"))[0]?.slots[0]).toMatchObject({ seconds: 180, cpu_percent: { max: 50 } });
});

test("an hour is the sum of its minutes; a time without samples stays a gap", async () => {
  const before = newSampler();
  await before.look();
  await run(before, 2 * minuteMs);
  metrics.settled(settlement({ completionTokens: 5 }));
  await run(before, 20_000);
  await before.stop();
  clock.set(noonMs + 30 * minuteMs); // Down until half past.
  const after = newSampler();
  await after.look();
  metrics.settled(settlement({ completionTokens: 6 }));
  await run(after, minuteMs);
  const minutes = await rows("minute");
  expect(minutes.map(({ atMs, seconds }) => [(atMs - noonMs) / minuteMs, seconds])).toEqual([
    [0, 60],
    [1, 60],
    [2, 20],
    [30, 60],
  ]);
  const [hour, ...otherHours] = await rows("hour");
  expect(otherHours).toEqual([]);
  expect(hour).toMatchObject({ atMs: noonMs, seconds: 200, requests: 2, tokens_out: 11 });
});

test("a clock that is set back adds to the minutes that were there; one that is set ahead leaves a gap", async () => {
  const sampler = newSampler();
  await sampler.look();
  metrics.settled(settlement());
  await run(sampler, 3 * minuteMs);
  clock.set(noonMs + 20_000);
  metrics.settled(settlement());
  await run(sampler, minuteMs);
  clock.set(noonMs + 10 * minuteMs);
  await run(sampler, minuteMs);
  const minutes = await rows("minute");
  expect(minutes.map(({ atMs }) => (atMs - noonMs) / minuteMs)).toEqual([0, 1, 2, 3, 10]);
  expect(minutes.every(({ seconds }) => seconds > 0)).toBe(true);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  expect(sum(minutes.map(({ requests }) => requests))).toBe(2);
});

test("what cannot be written is left out and said once", async () => {
  let isFull = true;
  const database = {
    systemSamples: {
      ...held.database.systemSamples,
      record: async (...input: Parameters<Database["systemSamples"]["record"]>) => {
        if (isFull) throw new Error("SQLITE_FULL");
        await held.database.systemSamples.record(...input);
      },
    },
  };
  const sampler = newSampler(database);
  await sampler.look();
  await run(sampler, 3 * minuteMs);
  expect(logLines).toHaveLength(1);
  isFull = false;
  await run(sampler, 2 * minuteMs);
  expect((await rows("minute")).map(({ atMs }) => (atMs - noonMs) / minuteMs)).toEqual([3, 4]);
  expect(logLines).toHaveLength(2);
});
