/** What became of a slot's engines, and logs, over the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { FakeSlots } from "@/lib/admin/testing/fake-slots.ts";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { provideRuntime } from "@/lib/runtime.ts";
import { GET as gatewayLogs } from "../logs/route.ts";
import { GET as history } from "./[slot]/history/route.ts";
import { GET as logFile } from "./[slot]/logs/file/route.ts";
import { POST as retry } from "./[slot]/retry/route.ts";
import { GET as list } from "./route.ts";

let services: AdminServices;
let slots: FakeSlots;
beforeAll(async () => {
  services = await openServices();
});
beforeEach(() => {
  slots = new FakeSlots(services.config.slotPorts);
  provideRuntime({ ...services, slots });
});
afterAll(() => services.close());

const at = (slot: string, more: object = {}) => ({ params: { slot }, ...more });
const nextStep = {
  action: "load",
  change: { ctx_size: 4096 },
  text: "Retry with half the context.",
} as const;

describe("a slot that has failed", () => {
  it("200: shows why, and what could be done", async () => {
    slots.fail(4801, { error: "Out of memory.", cause: "out_of_memory", nextStep });
    const { json } = await call<{ slots: object[] }>(list, "GET");
    expect(json.slots[0]).toMatchObject({
      status: "failed",
      error: "Out of memory.",
      cause: "out_of_memory",
      next_step: nextStep,
    });
    expect(json.slots[1]).not.toHaveProperty("cause");
  });

  it("200: is loaded once more, and that is written down", async () => {
    slots.fail(4802, { error: "x", cause: "unknown", nextStep: null });
    const body = { change: { ctx_size: 512 } };
    const headers = { "x-request-id": "retried" };
    const { status, json } = await call(retry, "POST", at("4802", { body, headers }));
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "loaded", slot: 4802 });
    expect(slots.loads.at(-1)?.request).toMatchObject({ ctx_size: 512 });
    const rows = services.inspect(
      "SELECT action, target, detail FROM audit_log WHERE request_id = 'retried'",
    );
    expect(rows).toEqual([
      {
        action: "slot.retry",
        target: "slot:4802",
        detail: '{"before":{"model":null},"after":{"model":"m.gguf"},"change":{"ctx_size":512}}',
      },
    ]);
  });

  it("202: does not wait when told so", async () => {
    slots.fail(4802, { error: "x", cause: "unknown", nextStep: null });
    expect((await call(retry, "POST", at("4802", { body: { wait: false } }))).status).toBe(202);
  });

  it("400: an option that there is not, or a slot that is no port", async () => {
    const { status, json } = await call<Refusal>(retry, "POST", at("4801", { body: { change: { ctx: 5 } } }));
    expect([status, json.error.param]).toEqual([400, "change.ctx"]);
    expect((await call(retry, "POST", at("first"))).status).toBe(400);
  });

  it("404, 409: no such slot, nothing has failed", async () => {
    expect((await call(retry, "POST", at("4999"))).status).toBe(404);
    expect((await call(retry, "POST", at("4801"))).status).toBe(409);
  });
});

describe("GET slots/{slot}/history", () => {
  it("200: past runs, newest first, in the API's units", async () => {
    const { slotRuns } = services.database;
    const run = { port: 4803, modelId: "m", fingerprint: "1@2", settings: '{"ctxSize":512}' };
    const id = await slotRuns.begin({ ...run, startedAtMs: 1_000 });
    await slotRuns.ready(id, 3_500);
    await slotRuns.measured(id, 3 * 1024 ** 2);
    await slotRuns.end(id, {
      endedAtMs: 5_000,
      cause: "unloaded",
      message: "It was unloaded.",
      lastLines: ["a"],
    });
    await slotRuns.begin({ ...run, startedAtMs: 6_000 });
    const { status, json } = await call<{ data: object[] }>(history, "GET", at("4803"));
    expect(status).toBe(200);
    expect(json.data[0]).toMatchObject({ ready_at: null, ended_at: null, load_ms: null, cause: null });
    expect(json.data[1]).toEqual({
      id,
      model: "m",
      started_at: "1970-01-01T00:00:01.000Z",
      ready_at: "1970-01-01T00:00:03.500Z",
      ended_at: "1970-01-01T00:00:05.000Z",
      load_ms: 2_500,
      memory_mb: 3,
      cause: "unloaded",
      message: "It was unloaded.",
      settings: { ctxSize: 512 },
      last_lines: ["a"],
    });
    const newest = await call<{ data: object[] }>(history, "GET", at("4803", { query: "limit=1" }));
    expect(newest.json.data).toEqual(json.data.slice(0, 1));
  });

  it("400, 404", async () => {
    expect((await call(history, "GET", at("4803", { query: "limit=101" }))).status).toBe(400);
    expect((await call(history, "GET", at("4999"))).status).toBe(404);
  });
});

describe("logs", () => {
  it("200: an engine's, as a file", async () => {
    const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${adminKey}` } });
    const response = await logFile(request, { params: Promise.resolve({ slot: "4801" }) });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": 'attachment; filename="slot-4801.log"',
    });
    expect(await response.text()).toBe("loading\nready\n");
    expect((await call(logFile, "GET", at("4999"))).status).toBe(404);
  });

  it("200: the gateway's last lines", async () => {
    services.log.info("one");
    services.log.info("two");
    const { status, json } = await call<{ data: string[] }>(gatewayLogs, "GET", { query: "lines=1" });
    expect(status).toBe(200);
    expect(json.data.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ msg: "two" })]);
    expect((await call(gatewayLogs, "GET", { query: "lines=2001" })).status).toBe(400);
  });

  it("401, 403 are as everywhere", async () => {
    expect((await call(gatewayLogs, "GET", { key: null })).status).toBe(401);
    const { apiKey } = await services.createUser("log@example.org");
    expect((await call(gatewayLogs, "GET", { key: apiKey })).status).toBe(403);
  });
});
