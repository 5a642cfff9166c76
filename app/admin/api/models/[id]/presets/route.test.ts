import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { localModel } from "@/lib/models/testing/local-model.ts";
import { GET, PUT } from "./route.ts";

const id = "folder/Model-Q4";
let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
  services.slots.local.push(localModel(id));
});
afterAll(() => services.close());

const params = { id };
const put = <Json = Record<string, unknown>>(body: unknown, name = id) =>
  call<Json>(PUT, "PUT", { body, params: { id: name }, headers: { "x-request-id": "presets" } });

describe("presets", () => {
  it("200: there are none at first", async () => {
    const { status, json } = await call(GET, "GET", { params });
    expect([status, json]).toEqual([200, { model: id, preset: null, presets: {} }]);
  });

  it("200: are replaced as a whole, live in the configuration, and stand in the audit log", async () => {
    await services.config.patch({ models: { [id]: { pinned: true } } });
    const first = { long: { ctx_size: 4096, draft: { model_path: "d.gguf", max_tokens: 4 } }, low: {} };
    expect((await put({ presets: first, preset: "long" })).json).toEqual({
      model: id,
      preset: "long",
      presets: first,
    });
    const second = { long: { draft: { model_path: "e.gguf" }, extra: { "--cpu-moe": true } } };
    expect((await put({ presets: second })).json).toEqual({ model: id, preset: "long", presets: second });
    expect(services.config.current.models[id]).toMatchObject({
      pinned: true,
      preset: "long",
      presets: second,
    });
    const [, row] = services.inspect(
      "SELECT action, target, detail FROM audit_log WHERE request_id = 'presets' ORDER BY id",
    ) as { detail: string }[];
    expect(row).toMatchObject({ action: "model.presets", target: `model:${id}` });
    // The choice is as it was.
    expect(JSON.parse(row?.detail ?? "")).toEqual({
      before: { presets: first },
      after: { presets: second },
    });
    expect((await call(GET, "GET", { params: { id: "folder%2FModel-Q4" } })).json).toMatchObject({
      presets: second,
    });
  });

  it("200: a choice ends with its preset, or when it is taken back", async () => {
    await put({ presets: { a: {}, b: {} }, preset: "a" });
    expect((await put({ presets: { a: {}, b: {} }, preset: null })).json).toMatchObject({ preset: null });
    await put({ presets: { a: {}, b: {} }, preset: "b" });
    expect((await put({ presets: { a: {} } })).json).toMatchObject({ preset: null, presets: { a: {} } });
  });

  it.each([
    ["presets", {}],
    ["presets.a.ctx_size", { presets: { a: { ctx_size: "many" } } }],
    ["presets.a.ctx_sise", { presets: { a: { ctx_sise: 512 } } }],
    ["presets.a.extra.--rope-scale", { presets: { a: { extra: { "--rope-scale": "x" } } } }],
    ["preset", { presets: { a: {} }, preset: "b" }],
  ])("400: names %s", async (param, body) => {
    const { status, json } = await put<Refusal>(body);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  });

  it("400: a name that would be dropped without a word; all others are kept", async () => {
    const presets = { a: { ctx_size: 512 }, constructor: {}, toString: {} };
    await put({ presets });
    const { status, json } = await put<Refusal>({ presets: JSON.parse('{"__proto__": {"ctx_size": 16}}') });
    expect([status, json.error.param]).toEqual([400, "presets.__proto__"]);
    expect((await call(GET, "GET", { params })).json).toMatchObject({ presets });
  });

  it("404: no such model", async () => {
    expect((await call(GET, "GET", { params: { id: "other" } })).status).toBe(404);
    expect((await put({ presets: {} }, "../../x")).status).toBe(404);
  });
});
