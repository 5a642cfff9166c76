import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { FakeSlots } from "@/lib/admin/testing/fake-slots.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { provideRuntime } from "@/lib/runtime.ts";
import { GET as logs } from "./[slot]/logs/route.ts";
import { POST as restart } from "./[slot]/restart/route.ts";
import { POST as retry } from "./[slot]/retry/route.ts";
import { POST as unload } from "./[slot]/unload/route.ts";
import { POST as load } from "./load/route.ts";
import { GET } from "./route.ts";

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

const post = <Json = Record<string, unknown>>(body: unknown) => call<Json>(load, "POST", { body });
const at = (slot: string, query = "") => ({ params: { slot }, query });
const remote = { base_url: "http://127.0.0.1:9/v1", api_key: "k", model: "far" };

describe("GET slots", () => {
  it("200: all seven, in the API's units", async () => {
    await slots.load(4802, { model_path: "m.gguf" });
    const { status, json } = await call<{ slots: object[] }>(GET, "GET");
    expect(status).toBe(200);
    expect(json.slots).toHaveLength(7);
    expect(json.slots[0]).toMatchObject({ port: 4801, status: "empty", model_name: null, pid: null });
    expect(json.slots[1]).toEqual({
      port: 4802,
      status: "ready",
      model_name: "m.gguf",
      model_type: "text",
      capabilities: ["text"],
      ctx_size: null,
      parallel: null,
      threads: null,
      pid: 4321,
      ram_mb: 2,
      cpu_percent: 12.3,
      uptime_s: null,
      in_flight: 0,
      queued: 0,
      crashes: 0,
      max_crashes: 5,
      warnings: [],
    });
  });
});

describe("POST slots/load", () => {
  it("200: loads with exactly the options given", async () => {
    const { status, json } = await post({ slot: 4803, model_path: "m.gguf", ctx_size: 512 });
    expect(status).toBe(200);
    expect(json).toEqual({ status: "loaded", slot: 4803, model: "m.gguf", model_type: "text", pid: 4321 });
    expect(slots.loads).toEqual([
      { port: 4803, request: { model_path: "m.gguf", ctx_size: 512 }, wait: true },
    ]);
  });

  it("200: takes the first empty slot, and a remote", async () => {
    await slots.load(4801, { model_path: "m.gguf" });
    expect((await post({ remote })).json).toMatchObject({ status: "loaded", slot: 4802, model: "far" });
    expect(slots.loads.at(-1)?.request).toEqual({ remote });
  });

  it("202: does not wait when told so", async () => {
    const { status, json } = await post({ slot: 4801, model_path: "m.gguf", wait: false });
    expect(status).toBe(202);
    expect(json).toMatchObject({ status: "loading", slot: 4801 });
    expect(slots.loads.at(-1)?.wait).toBe(false);
  });

  it.each([
    [null, {}],
    [null, { model_path: "m.gguf", remote }],
    ["model_path", { model_path: "" }],
    ["model_path", { model_path: "a\0b" }],
    ["model_path", { model_path: "absent.gguf" }],
    ["slot", { slot: "4801", model_path: "m.gguf" }],
    ["ctx_size", { model_path: "m.gguf", ctx_size: 1e12 }],
    ["model_type", { model_path: "m.gguf", model_type: "magic" }],
    // Mistyped.
    ["extra_flags", { model_path: "m.gguf", extra_flags: ["--mlock"] }],
    ["ctx_sise", { model_path: "m.gguf", ctx_sise: 512 }],
    ["draft.max_token", { model_path: "m.gguf", draft: { model_path: "d.gguf", max_token: 4 } }],
    ["remote.key", { remote: { ...remote, key: "k" } }],
    ["remote.base_url", { remote: { ...remote, base_url: "http://user:pw@127.0.0.1/" } }],
    ["remote.base_url", { remote: { ...remote, base_url: "file:///etc/passwd" } }],
  ])("400: names %s of %j", async (param, body) => {
    const { status, json } = await post<Refusal>(body);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
    expect(slots.loads).toEqual([]);
  });

  it("404: no such slot", async () => {
    expect((await post({ slot: 4999, model_path: "m.gguf" })).status).toBe(404);
  });

  it("409: busy, and all busy", async () => {
    for (const port of services.config.slotPorts) await slots.load(port, { model_path: "m.gguf" });
    expect((await post({ slot: 4801, model_path: "m.gguf" })).status).toBe(409);
    expect((await post({ model_path: "m.gguf" })).status).toBe(409);
  });

  it("422: the engine ended", async () => {
    expect((await post({ model_path: "broken.gguf" })).status).toBe(422);
  });
});

describe("one slot", () => {
  it("200: unload and restart", async () => {
    await slots.load(4804, { model_path: "m.gguf" });
    expect((await call(restart, "POST", at("4804"))).json).toMatchObject({ status: "restarted", pid: 4322 });
    const { status, json } = await call(unload, "POST", at("4804"));
    expect(status).toBe(200);
    expect(json).toEqual({ status: "unloaded", slot: 4804, model: null, model_type: null, pid: null });
  });

  it("stands in the audit log, without secrets", async () => {
    const headers = { "x-request-id": "audited" };
    await call(load, "POST", { body: { slot: 4805, remote }, headers });
    await call(restart, "POST", { ...at("4805"), headers });
    await call(unload, "POST", { ...at("4805"), headers });
    const rows = services.inspect<{ detail: string }>(
      "SELECT action, target, detail FROM audit_log WHERE request_id = 'audited' ORDER BY id",
    );
    const [none, far] = [{ model: null }, { model: "far" }];
    expect(rows.map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) }))).toEqual([
      { action: "slot.load", target: "slot:4805", detail: { before: none, after: far } },
      { action: "slot.restart", target: "slot:4805", detail: { before: far, after: far } },
      { action: "slot.unload", target: "slot:4805", detail: { before: far, after: none } },
    ]);
  });

  it("leaves no line of what was refused in the audit log, and the outcome of what began and failed", async () => {
    await slots.load(4801, { model_path: "m.gguf" });
    const audited = async (handler: typeof load, options: object) => {
      const rows = "SELECT target, detail FROM audit_log ORDER BY id";
      const before = services.inspect(rows).length;
      await call(handler, "POST", options);
      return services
        .inspect<{ target: string; detail: string }>(rows)
        .slice(before)
        .map(({ target, detail }) => [target, JSON.parse(detail)]);
    };
    for (const body of [
      { slot: 4801, model_path: "other.gguf" },
      { slot: 1, model_path: "m.gguf" },
      { slot: 4802, model_path: "absent.gguf" },
      { slot: 4802, model_path: "huge.gguf" },
    ])
      expect(await audited(load, { body }), JSON.stringify(body)).toEqual([]);
    for (const [action, slot] of [
      [unload, "4999"],
      [restart, "4999"],
      [restart, "4802"],
      [retry, "4801"],
    ] as const)
      expect(await audited(action, at(slot))).toEqual([]);

    const broken = { model: "broken.gguf" };
    const body = { slot: 4802, model_path: "broken.gguf" };
    const error = "The engine ended.";
    expect(await audited(load, { body })).toEqual([
      ["slot:4802", { before: { model: null }, after: broken, error }],
    ]);
    // What has failed there counts as what was there.
    expect(await audited(load, { body: { ...body, model_path: "m.gguf", force: true } })).toEqual([
      ["slot:4802", { before: broken, after: { model: "m.gguf" }, force: true }],
    ]);
  });

  it("200: the log's last lines", async () => {
    expect((await call(logs, "GET", at("4801"))).json).toEqual({ data: ["loading", "ready"] });
    expect((await call(logs, "GET", at("4801", "lines=1"))).json).toEqual({ data: ["ready"] });
  });

  it("400: what is no port, and no number of lines", async () => {
    expect((await call(unload, "POST", at("first"))).status).toBe(400);
    expect((await call(logs, "GET", at("4801", "lines=-1"))).status).toBe(400);
  });

  it("404: no such slot", async () => {
    for (const action of [unload, restart]) expect((await call(action, "POST", at("4999"))).status).toBe(404);
    expect((await call(logs, "GET", at("4999"))).status).toBe(404);
  });

  it("409: nothing to restart", async () => {
    expect((await call(restart, "POST", at("4801"))).status).toBe(409);
  });
});
