import { statfs } from "node:fs/promises";
import os from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { bytesPerGigabyte } from "@/lib/bytes.ts";
import { type SystemHistoryReply, systemHistoryReply, systemReply } from "@/lib/system/schemas.ts";
import { sample } from "@/lib/system/testing/sample.ts";
import { GET as history } from "./history/route.ts";
import { GET } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

test("this machine as it is", async () => {
  await services.slots.load(4802, { model_path: "tiny.gguf" });
  const { status, json } = await call(GET, "GET");
  expect(status).toBe(200);
  const system = systemReply.strict().parse(json);
  expect(system.cpu.cores).toBe(os.cpus().length);
  expect(system.cpu.percent_per_core).toHaveLength(system.cpu.cores);
  const { total_gb, available_gb, used_gb, percent } = system.memory;
  expect(total_gb).toBeLessThanOrEqual(os.totalmem() / bytesPerGigabyte + 0.01);
  expect(available_gb + used_gb).toBeCloseTo(total_gb, 1);
  expect(percent).toBeCloseTo((100 * used_gb) / total_gb, 0);
  const { blocks, bsize } = await statfs(services.environment.dataDir);
  expect(system.disk).toMatchObject({
    path: services.environment.dataDir,
    total_gb: Number(((blocks * bsize) / bytesPerGigabyte).toFixed(2)),
  });
  expect(system.slots.find(({ port }) => port === 4802)).toMatchObject({ pid: 4321, cpu_percent: 12.3 });
  expect(system.gateway.ram_mb).toBeGreaterThan(20);
});

test("the processor is watched for a moment, so that the first answer is one of now", async () => {
  const untilMs = performance.now() + 1_000;
  const busy = () => {
    const turnMs = performance.now() + 20;
    while (performance.now() < turnMs);
    if (performance.now() < untilMs) setImmediate(busy);
  };
  busy();
  const { json } = await call<{ cpu: { total_percent: number } }>(GET, "GET");
  expect(json.cpu.total_percent).toBeGreaterThan(10);
});

test("history: samples of the last hours, gaps and all", async () => {
  const nowMs = Date.now();
  const hoursAgo = (hours: number) => nowMs - hours * 3_600_000;
  for (const hours of [30, 3, 2.5, 0.5])
    await services.database.systemSamples.record(hoursAgo(hours), sample({ requests: Math.ceil(hours) }));
  const ask = async (query: string) => {
    const { json } = await call<SystemHistoryReply>(history, "GET", { query });
    return systemHistoryReply.strict().parse(json);
  };
  const minutes = await ask("");
  expect(minutes.data.map(({ requests }) => requests)).toEqual([3, 3, 1]);
  expect(Date.parse(minutes.data[0]?.at ?? "")).toBe(Math.floor(hoursAgo(3) / 60_000) * 60_000);
  expect((await ask("hours=2160")).data).toHaveLength(3); // No minute is older than a day.
  expect((await ask("span=minute&hours=1")).data).toHaveLength(1);
  const hours = await ask("span=hour&hours=48");
  expect(hours.data.reduce((sum, { requests }) => sum + requests, 0)).toBe(37);
});

test.each(["hours=0", "hours=2161", "hours=x", "span=day", "range=90d"])("%s is refused", async (query) => {
  const { status, json } = await call<Refusal>(history, "GET", { query });
  expect([status, json.error.param]).toEqual([400, query.split("=")[0]]);
});
