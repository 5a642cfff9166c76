import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { FakeSlots } from "@/lib/admin/testing/fake-slots.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { provideRuntime } from "@/lib/runtime.ts";
import { POST } from "./route.ts";

let services: AdminServices;
let slots: FakeSlots;
beforeAll(async () => {
  services = await openServices();
});
beforeEach(async () => {
  slots = new FakeSlots(services.config.slotPorts);
  provideRuntime({ ...services, slots });
  await services.config.patch({ aliases: { helper: null, other: null }, models: { old: null } });
});
afterAll(() => services.close());

const post = <Json = Record<string, unknown>>(body: unknown) =>
  call<Json>(POST, "POST", { body, headers: { "x-request-id": "switched" } });
const stateOf = async (port: number) => (await slots.snapshot()).find((slot) => slot.port === port)?.status;
const alias = "helper";

/** The alias stands for `old`, which runs in the first slot. */
async function withOld(): Promise<void> {
  await slots.load(4801, { model_path: "old" });
  await services.config.patch({ aliases: { helper: "old" } });
}

describe("POST aliases/switch", () => {
  it("200: makes an alias, and keeps all others", async () => {
    const before = services.config.current.aliases;
    const { status, json } = await post({ alias, model_path: "new.gguf", ctx_size: 512 });
    expect(status).toBe(200);
    expect(json).toEqual({ status: "switched", alias, model: "new.gguf", slot: 4801, previous: null });
    expect(slots.loads).toEqual([
      { port: 4801, request: { model_path: "new.gguf", ctx_size: 512 }, wait: true },
    ]);
    expect(services.config.current.aliases).toEqual({ ...before, helper: "new.gguf" });
  });

  it("200: unloads the model of before, and says so in the audit log", async () => {
    await withOld();
    const { json } = await post({ alias, model_path: "new.gguf" });
    const previous = { model: "old", status: "draining", reason: null };
    expect(json).toMatchObject({ model: "new.gguf", slot: 4802, previous });
    await expect.poll(() => stateOf(4801)).toBe("empty");
    const rows = services.inspect<{ detail: string }>(
      "SELECT action, target, detail FROM audit_log WHERE request_id = 'switched' ORDER BY id DESC LIMIT 1",
    );
    expect(rows).toMatchObject([{ action: "alias.switch", target: "alias:helper" }]);
    expect(JSON.parse(rows[0]?.detail ?? "")).toEqual({
      before: { model: "old" },
      after: { model: "new.gguf" },
      slot: 4802,
      unloads: true,
    });
  });

  it("200: takes a model that is loaded as it is", async () => {
    await slots.load(4805, { model_path: "there" });
    expect((await post({ alias, model: "THERE.gguf" })).json).toMatchObject({ model: "there", slot: 4805 });
    expect(slots.loads).toHaveLength(1);
  });

  it.each([
    ["another alias stands for it", { aliases: { other: "old" } }, {}],
    ["it is pinned", { models: { old: { pinned: true } } }, {}],
    ["that is asked for", {}, { keep: true }],
  ])("200: keeps the model of before where %s", async (_why, patch, fields) => {
    await withOld();
    await services.config.patch(patch);
    const { json } = await post({ alias, model_path: "new.gguf", ...fields });
    expect(json.previous).toMatchObject({ model: "old", status: "kept", reason: expect.any(String) });
    expect(await stateOf(4801)).toBe("ready");
  });

  it("422: changes nothing where the new model does not answer", async () => {
    await withOld();
    expect((await post({ alias, model_path: "mute.gguf" })).status).toBe(422);
    expect(services.config.current.aliases.helper).toBe("old");
    expect((await slots.snapshot()).map(({ modelName }) => modelName).filter(Boolean)).toEqual(["old"]);
  });

  it("writes down what failed after it had begun, and nothing of what was refused", async () => {
    await withOld();
    const details = () =>
      services
        .inspect<{ detail: string }>("SELECT detail FROM audit_log ORDER BY id")
        .map(({ detail }) => JSON.parse(detail));
    const earlier = details().length;
    expect((await post({ alias, model_path: "absent.gguf" })).status).toBe(400);
    expect(details().length).toBe(earlier);
    for (const path of ["mute.gguf", "broken.gguf"])
      expect((await post({ alias, model_path: path })).status).toBe(422);
    const old = { model: "old" };
    expect(details().slice(earlier)).toEqual([
      { before: old, after: old, slot: 4802, error: "A first request failed." },
      { before: old, after: old, slot: 4802, error: "The engine ended." },
    ]);
    expect(services.config.current.aliases.helper).toBe("old");
  });

  it.each([
    [null, { alias }],
    [null, { alias, model: "a", model_path: "b.gguf" }],
    ["alias", { model_path: "a.gguf" }],
    ["alias", { alias: "__proto__", model_path: "a.gguf" }],
    ["alias", { alias: "auto", model_path: "a.gguf" }],
    ["alias", { alias: "Old.gguf", model_path: "a.gguf" }],
    ["ctx_size", { alias, model_path: "a.gguf", ctx_size: 0 }],
  ])("400: names %s of %j", async (param, body) => {
    await withOld();
    const { status, json } = await post<Refusal>(body);
    expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  });

  it("404: no such model", async () => {
    expect((await post({ alias, model: "absent" })).status).toBe(404);
  });

  it("409: all slots are busy, or the alias is being switched", async () => {
    for (const port of services.config.slotPorts) await slots.load(port, { model_path: "m" });
    expect((await post({ alias, model_path: "new.gguf" })).status).toBe(409);
    await slots.unload(4803);
    const both = await Promise.all([1, 2].map(() => post({ alias, model_path: "new.gguf" })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});
