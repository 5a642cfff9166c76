/** The whole way of a benchmark over the API, with real engines: measure, look, cancel, list. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DELETE as cancel, GET as job } from "@/app/admin/api/benchmarks/[job]/route.ts";
import { GET as jobs } from "@/app/admin/api/benchmarks/route.ts";
import { GET as list } from "@/app/admin/api/models/[id]/benchmarks/route.ts";
import { POST as findThreads } from "@/app/admin/api/models/[id]/find-threads/route.ts";
import { POST as retest, GET as tests } from "@/app/admin/api/models/[id]/test-capabilities/route.ts";
import type { BenchmarkListReply, MeasureJobReply } from "@/lib/admin/schemas/benchmarks.ts";
import { benchmarkListAnswer, measureJobReply } from "@/lib/admin/schemas/benchmarks.ts";
import { capabilityTestsReply } from "@/lib/admin/schemas/capability-tests.ts";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { provideRuntime } from "@/lib/runtime.ts";
import { BenchmarkService } from "@/server/benchmarks/service.ts";
import { ended, leastPatienceMs } from "@/server/benchmarks/test-support.ts";
import { CapabilityTestService } from "@/server/capability-tests/service.ts";
import { createRig, eventually, type Rig } from "@/server/slots/test-support/rig.ts";
import { POST } from "./route.ts";

let services: AdminServices;
let rig: Rig;
let benchmarks: BenchmarkService;
let capabilityTests: CapabilityTestService;
beforeAll(async () => {
  services = await openServices();
  rig = await createRig({ config: { models: { "tiny-text": { presets: { short: { ctx_size: 256 } } } } } });
  const { slots, config } = rig;
  const { database, log } = services;
  benchmarks = new BenchmarkService({ slots, config, database, log, counts: [1, 2], leastPatienceMs });
  capabilityTests = new CapabilityTestService({ slots, config, database, benchmarks, log, quietMs: 0 });
  capabilityTests.start();
  provideRuntime({ ...services, slots, config, benchmarks, capabilityTests });
  await slots.localModels();
});
afterAll(async () => {
  await Promise.all([benchmarks.stop(), capabilityTests.stop()]);
  await rig.end();
  await services.close();
});

const at = (id: string) => ({ params: { id } });
const measure = <Json = MeasureJobReply>(id: string, body: object) =>
  call<Json>(POST, "POST", { ...at(id), body, headers: { "x-request-id": "measured" } });
const small = { prompt_tokens: 32, output_tokens: 16, rounds: 1 };

describe("POST models/{id}/benchmark", () => {
  it("202: measures in a slot of its own with a preset; the results are listed with their settings", async () => {
    const { status, json } = await measure("tiny-text", { load: true, preset: "short", ...small });
    expect(status).toBe(202);
    expect(measureJobReply.strict().parse(json)).toMatchObject({ status: "running", model: "tiny-text" });
    await ended(benchmarks, json.id);
    const done = (await call<MeasureJobReply>(job, "GET", { params: { job: json.id } })).json;
    expect(done).toMatchObject({ status: "done", progress: 1, results: { kind: "text" } });
    const { json: listed } = await call<BenchmarkListReply>(list, "GET", at("tiny-text"));
    expect(benchmarkListAnswer.strict().parse(listed).data).toMatchObject([
      {
        id: done.benchmark_ids[0],
        preset: "short",
        settings: { ctxSize: 256 },
        results: done.results,
        compared: [
          { streams: 1, generation_ratio: 1 },
          { streams: 4, prompt_ratio: 1 },
        ],
      },
    ]);
    const audited = services.inspect("SELECT action, target FROM audit_log WHERE request_id = 'measured'");
    expect(audited).toEqual([{ action: "model.benchmark", target: "model:tiny-text" }]);
  });

  it("400: what cannot be", async () => {
    const param = async (id: string, body: object) => {
      const { status, json } = await measure<Refusal>(id, body);
      return [status, json.error.param];
    };
    expect(await param("tiny-text", { preset: "short" })).toEqual([400, "load"]);
    expect(await param("tiny-text", { load: true, preset: "none" })).toEqual([400, "preset"]);
    expect(await param("tiny-text", { load: true, rounds: 0 })).toEqual([400, "rounds"]);
    expect(await param("tiny-rerank", { load: true })).toEqual([400, "id"]);
  });

  it("404: no such model, no such job", async () => {
    expect((await measure("none", {})).status).toBe(404);
    expect((await call(job, "GET", { params: { job: "none" } })).status).toBe(404);
    expect((await call(cancel, "DELETE", { params: { job: "none" } })).status).toBe(404);
  });

  it("409: not loaded, and while another one runs; that can be cancelled", async () => {
    expect((await measure("tiny-embed", {})).status).toBe(409);
    const running = (await measure("tiny-text", { load: true, ...small, rounds: 20 })).json;
    expect((await measure("tiny-text", { load: true })).status).toBe(409);
    const { json } = await call<MeasureJobReply>(cancel, "DELETE", { params: { job: running.id } });
    expect(json).toMatchObject({ id: running.id, status: "cancelled", step: "" });
    const { data } = (await call<{ data: MeasureJobReply[] }>(jobs, "GET")).json;
    expect(data.map(({ status }) => status)).toEqual(["cancelled", "done"]);
  });
});

describe("POST models/{id}/find-threads", () => {
  it("202: finds a count with its reason, and writes it where asked; both stand in the audit log", async () => {
    const body = { apply: true, ...small };
    const headers = { "x-request-id": "searched" };
    const input = { ...at("tiny-text"), body, headers };
    const { status, json } = await call<MeasureJobReply>(findThreads, "POST", input);
    expect(status).toBe(202);
    const { best } = await ended(benchmarks, json.id);
    expect(best?.reason).toMatch(/^[12] is the smallest count/);
    expect(rig.config.current.models["tiny-text"]?.threads).toBe(best?.threads);
    const key = "models.tiny-text.threads";
    const lines = services.inspect<{ action: string; target: string; detail: string }>(
      "SELECT action, target, detail FROM audit_log WHERE request_id = 'searched' ORDER BY id",
    );
    expect(lines.map((line) => ({ ...line, detail: JSON.parse(line.detail) }))).toEqual([
      { action: "model.find_threads", target: "model:tiny-text", detail: { job: json.id, apply: true } },
      {
        action: "config.change",
        target: "config",
        detail: { before: { [key]: null }, after: { [key]: best?.threads } },
      },
    ]);
    const { data } = (await call<BenchmarkListReply>(list, "GET", { ...at("tiny-text"), query: "limit=2" }))
      .json;
    expect(data.map(({ settings }) => settings.threads)).toEqual([2, 1]);
  });
});

describe("models/{id}/test-capabilities", () => {
  it("409: not loaded", async () => {
    expect((await call(retest, "POST", at("tiny-embed"))).status).toBe(409);
  });

  it("202: tries it again, and shows what was found", async () => {
    await rig.slots.load(rig.ports[0], { model_path: "tiny-embed.gguf" });
    const read = async () =>
      capabilityTestsReply.strict().parse((await call(tests, "GET", at("tiny-embed"))).json);
    const first = await eventually("it was tried", async () => (await read()).tested.embedding);
    expect(first.detail).toMatch(/^Vectors of/);
    const { status, json } = await call(retest, "POST", at("tiny-embed"));
    expect([status, json.pending]).toEqual([202, ["embedding"]]);
    const second = await eventually("it was tried again", async () => {
      const { tested, pending } = await read();
      return pending.length === 0 && tested.embedding?.request_id !== first.request_id
        ? tested.embedding
        : undefined;
    });
    expect(second.works).toBe(first.works);
  });
});
