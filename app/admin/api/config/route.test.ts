import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { GET, PATCH } from "./route.ts";
import { GET as schema } from "./schema/route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

const patch = <Json = Record<string, unknown>>(body: unknown) => call<Json>(PATCH, "PATCH", { body });

describe("GET config", () => {
  it("200: every key, no secret", async () => {
    const { admin_key, session_secret } = services.config.current;
    const { status, json } = await call(GET, "GET");
    expect(status).toBe(200);
    expect(json).toMatchObject({ retention_days: 90, admin_key: `${admin_key.slice(0, 7)}…(masked)` });
    for (const secret of [admin_key, session_secret]) expect(JSON.stringify(json)).not.toContain(secret);
  });
});

describe("PATCH config", () => {
  it("200: says what changed and what needs a restart", async () => {
    const body = {
      retention_days: 30,
      performance: { batch_size: 256 },
      models: { "some-model": { ctx_size: 4096, pinned: true } },
      log_level: "info",
    };
    const { status, json } = await patch(body);
    expect(status).toBe(200);
    const ofSlots = ["performance.batch_size", "models.some-model.ctx_size"];
    expect(json).toMatchObject({
      config: { retention_days: 30, performance: { batch_size: 256, parallel: 4 } },
      changed: [...ofSlots, "models.some-model.pinned", "retention_days"].toSorted(),
      needs_restart: { slots: ofSlots.toSorted(), gateway: [], running: [] },
    });
    expect(JSON.parse(await readFile(services.configFile, "utf8"))).toMatchObject({ retention_days: 30 });
  });

  it("200: leaves a line in the audit log with what was before and after, and no secret", async () => {
    await patch({ retention_days: 30, metrics_token: null });
    await patch({ metrics_token: "a-token-of-a-monitoring-system", retention_days: 31 });
    const rows = services.inspect<{ detail: string }>(
      "SELECT detail FROM audit_log WHERE action = 'config.change' ORDER BY id DESC LIMIT 1",
    );
    expect(rows.map(({ detail }) => JSON.parse(detail))).toEqual([
      {
        before: { metrics_token: null, retention_days: 30 },
        after: { metrics_token: "…(masked)", retention_days: 31 },
      },
    ]);
  });

  it("200: names the slots that still run by what was before", async () => {
    await services.slots.load(4801, { model_path: "one.gguf" });
    await services.slots.load(4802, { model_path: "two.gguf" });
    await services.slots.load(4803, { remote: { base_url: "http://127.0.0.1:9", model: "far" } });
    await services.config.setSlot(4803, { remote: { base_url: "http://127.0.0.1:9", model: "far" } });
    const { json } = await patch({
      models: { One: { ctx_size: 512 } },
      performance: { batch_size: 64 },
      drain_s: 9,
    });
    const [ofAll, ofOne] = ["performance.batch_size", "models.One.ctx_size"];
    expect(json).toMatchObject({
      needs_restart: {
        slots: [ofOne, ofAll],
        running: [
          { slot: 4801, model: "one.gguf", keys: [ofOne, ofAll] },
          { slot: 4802, model: "two.gguf", keys: [ofAll] },
        ],
      },
    });
  });

  it("200: takes back what GET answered, and nothing changes", async () => {
    const { json: config } = await call(GET, "GET");
    const before = services.config.current;
    const { status, json } = await patch(config);
    expect(status).toBe(200);
    expect(json).toMatchObject({ changed: [], needs_restart: { slots: [], gateway: [], running: [] } });
    expect(services.config.current).toEqual(before);
  });

  it.each([
    ["pricing.input_per_1k", { pricing: { input_per_1k: "free" } }],
    ["admin_key", { admin_key: "short" }],
    ["aliases.__proto__", { aliases: JSON.parse('{"__proto__": "auto"}') }],
    ["models.a.presets.__proto__", { models: { a: { presets: JSON.parse('{"__proto__": {}}') } } }],
    ["slots.4999", { slots: { 4999: {} } }],
    ["slots.4801.model_path", { slots: { 4801: { model_path: "../x.gguf" } } }],
    ["slots.4801.model_path", { slots: { 4801: { model_path: "missing.gguf" } } }],
    ["slots.4802.draft.model_path", { slots: { 4802: { draft: { model_path: "/etc/passwd" } } } }],
    ["slots.4802.chat_template_file", { slots: { 4802: { chat_template_file: "../x.jinja" } } }],
  ])("400: names %s", async (param, body) => {
    const before = await readFile(services.configFile, "utf8");
    const { status, json } = await patch<Refusal>(body);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
    expect(await readFile(services.configFile, "utf8")).toBe(before);
  });

  it("200: a slot's file that is there, in a folder that comes with the same patch too", async () => {
    const folder = path.join(services.environment.dataDir, "further");
    await mkdir(folder);
    const file = path.join(folder, "m.gguf");
    await writeFile(file, "GGUF");
    const body = { slots: { 4804: { model_path: file } }, model_folders: [folder] };
    expect((await patch(body)).status).toBe(200);
    await rm(file);
    // A file that has gone since is no reason to refuse what does not concern it.
    expect((await patch({ ...body, log_level: "info" })).status).toBe(200);
    await patch({ slots: { 4804: null }, model_folders: [] });
  });

  it("400: no object, and one that is absurdly deep", async () => {
    expect((await patch([])).status).toBe(400);
    const text = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    expect((await call(PATCH, "PATCH", { text })).status).toBe(400);
  });
});

describe("GET config/schema", () => {
  it("200: describes every key that GET config answers, and marks each secret", async () => {
    const { status, json } = await call<JsonSchema>(schema, "GET");
    expect(status).toBe(200);
    const { json: config } = await call(GET, "GET");
    expect(Object.keys(json.properties ?? {}).toSorted()).toEqual(Object.keys(config).toSorted());
    for (const [key, described] of Object.entries(json.properties ?? {}))
      expect(described.description, key).toEqual(expect.any(String));
    const secrets = Object.entries(json.properties ?? {}).filter(([, { secret }]) => secret);
    expect(secrets.map(([key]) => key)).toEqual(["admin_key", "session_secret", "metrics_token", "hf_token"]);
  });
});

interface JsonSchema {
  description?: string;
  secret?: boolean;
  properties?: Record<string, JsonSchema>;
}
