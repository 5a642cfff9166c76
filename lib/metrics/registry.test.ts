import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { settlement } from "../../server/database/testing/samples.ts";
import { Scrape, samplesOf } from "../../tests/harness/observed.ts";
import type { SlotSnapshot } from "../slots/types.ts";
import { metricNames, prefix } from "./definitions.ts";
import { createMetrics } from "./registry.ts";
import type { Metrics } from "./types.ts";

const ready: SlotSnapshot = {
  port: 4801,
  status: "ready",
  modelName: "tiny",
  files: [],
  modelType: "text",
  capabilities: ["text"],
  ctxSize: 512,
  parallel: 4,
  threads: 1,
  pid: 7,
  ramBytes: 1000,
  cpuPercent: 50,
  cpuTimeS: 2.5,
  uptimeS: 10,
  inFlight: 3,
  queued: 2,
  crashes: 0,
  maxCrashes: 5,
  error: null,
  cause: null,
  nextStep: null,
  warnings: [],
};

let metrics: Metrics;
let slots: SlotSnapshot[];
let waiting: number;

beforeEach(() => {
  slots = [];
  waiting = 0;
  const accounts = { storageOk: () => waiting === 0, settlementsWaiting: () => waiting };
  metrics = createMetrics({ slots: { snapshot: async () => slots }, accounts });
});

const read = async () => new Scrape(samplesOf(await metrics.text()));

describe("createMetrics", () => {
  it("has every metric that is defined, from the start, and in this order", async () => {
    const types = [...(await metrics.text()).matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
    expect(types).toEqual(metricNames.map((name) => prefix + name));
  });

  it("counts settled requests by endpoint, model and status", async () => {
    metrics.settled(settlement({ model: "one", httpStatus: 200 }));
    metrics.settled(settlement({ model: "one", httpStatus: 502 }));
    metrics.settled(settlement({ model: "two", endpoint: "embeddings" }));
    metrics.answered("chat.completions", 401);
    const now = await read();
    const of = (labels: Record<string, string>) => now.value("requests_total", labels);
    expect(of({})).toBe(4);
    expect(of({ model: "one", status: "200", endpoint: "chat.completions" })).toBe(1);
    expect(of({ model: "one", status: "502" })).toBe(1);
    expect(of({ model: "two", endpoint: "embeddings" })).toBe(1);
    expect(of({ model: "", status: "401" })).toBe(1);
  });

  it("adds up tokens and dollars", async () => {
    metrics.settled(settlement({ promptTokens: 10, cachedTokens: 4, completionTokens: 7, costNanos: 5e8 }));
    metrics.settled(settlement({ promptTokens: 1, cachedTokens: 0, completionTokens: 0, costNanos: 0 }));
    const now = await read();
    const tokens = ["prompt", "cached", "completion"].map((kind) => now.value("tokens_total", { kind }));
    expect(tokens).toEqual([11, 4, 7]);
    expect(now.value("cost_dollars_total", { model: "tiny" })).toBe(0.5);
  });

  it("sorts times into buckets, each of which counts all below it", async () => {
    for (const durationMs of [1, 5, 6, 700_000])
      metrics.settled(settlement({ durationMs, firstTokenMs: null }));
    const now = await read();
    const bucket = (le: string) => now.value("request_duration_seconds_bucket", { le });
    expect([bucket("0.005"), bucket("0.01"), bucket("600"), bucket("+Inf")]).toEqual([2, 3, 3, 4]);
    expect(now.value("request_duration_seconds_count")).toBe(4);
    expect(now.value("request_duration_seconds_sum")).toBeCloseTo(700.012, 9);
    expect(now.value("first_token_seconds_count")).toBe(0);
  });

  it("takes an answer's speed from what followed its first token", async () => {
    metrics.settled(settlement({ completionTokens: 11, firstTokenMs: 500, durationMs: 1000 }));
    metrics.settled(settlement({ completionTokens: 1, firstTokenMs: 500, durationMs: 500 }));
    const now = await read();
    expect(now.value("tokens_per_second_count")).toBe(1);
    expect(now.value("tokens_per_second_sum")).toBe(20);
  });

  it("does not count the wait of who got no engine", async () => {
    metrics.settled(settlement({ slotPort: null, queueMs: 0 }));
    metrics.settled(settlement({ slotPort: 4801, queueMs: 30 }));
    expect((await read()).value("queue_wait_seconds_count")).toBe(1);
  });

  it("shows slots as they are when it is asked, and forgets those that are gone", async () => {
    slots = [
      ready,
      { ...ready, port: 4802, status: "empty", modelName: null, ramBytes: null, cpuTimeS: null },
    ];
    const before = await read();
    expect(before.value("requests_in_flight", { slot: "4801", model: "tiny" })).toBe(3);
    expect(before.value("requests_queued", { slot: "4801" })).toBe(2);
    expect(before.value("engine_cpu_seconds_total", { slot: "4801" })).toBe(2.5);
    expect(before.value("engine_resident_memory_bytes")).toBe(1000);
    expect(before.value("slots", { status: "ready" })).toBe(1);
    slots = [{ ...ready, status: "crashed", inFlight: 0, ramBytes: null }];
    const after = await read();
    expect(after.value("slots", { status: "ready" })).toBe(0);
    expect(after.value("slots", { status: "crashed" })).toBe(1);
    expect(after.value("requests_in_flight", { slot: "4801" })).toBe(0);
    expect(after.samples.some(({ name }) => name === `${prefix}engine_resident_memory_bytes`)).toBe(false);
  });

  it("tells whether settlements reach the disk", async () => {
    expect((await read()).value("storage_ok")).toBe(1);
    waiting = 12;
    const now = await read();
    expect([now.value("storage_ok"), now.value("settlements_waiting")]).toEqual([0, 12]);
  });

  it("gives the same to two who ask at once", async () => {
    metrics.settled(settlement());
    slots = [ready];
    const texts = await Promise.all([metrics.text(), metrics.text()]);
    const counts = texts.map((text) => new Scrape(samplesOf(text)).value("requests_total"));
    expect(counts).toEqual([1, 1]);
  });

  it("measures the delay of the main thread between two scrapes", async () => {
    expect((await read()).value("event_loop_lag_max_seconds")).toBe(0);
    await sleep(50);
    const untilMs = performance.now() + 150;
    while (performance.now() < untilMs);
    await sleep(50);
    const now = await read();
    expect(now.value("event_loop_lag_max_seconds")).toBeGreaterThan(0.1);
    expect(now.value("event_loop_lag_max_seconds")).toBeLessThan(5);
  });
});
