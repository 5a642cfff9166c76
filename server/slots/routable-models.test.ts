import { expect, it } from "vitest";
import { localModel } from "../../lib/models/testing/local-model.ts";
import type { LocalModel, RoutableModel } from "../../lib/slots/types.ts";
import { factsOfFile, routableModels } from "./routable-models.ts";

const loaded = (id: string, status: RoutableModel["status"]): RoutableModel => ({
  id,
  type: "text",
  capabilities: ["text"],
  contextLength: 512,
  status,
  createdS: 0,
});

const facts = (model: LocalModel) => factsOfFile(model, { models: {}, default_ctx_size: 8192 });

it("lists what is loaded first, then what could be", () => {
  const models = routableModels(
    [loaded("b", "starting"), loaded("c", "ready")],
    [localModel("a"), localModel("b")],
    facts,
  );
  expect(models.map(({ id, status }) => [id, status])).toEqual([
    ["c", "ready"],
    ["b", "starting"],
    ["a", "loadable"],
  ]);
});

it("shows a model in several slots once, in its best state", () => {
  const models = routableModels(
    [loaded("a", "failed"), loaded("a", "ready"), loaded("a", "crashed")],
    [],
    facts,
  );
  expect(models.map(({ status }) => status)).toEqual(["ready"]);
});

it("leaves damaged files out, and promises no longer context than a load would give", () => {
  const files = [
    localModel("broken", { error: "cut short" }),
    localModel("ggml-base", { engine: "whisper", type: "audio" }),
    localModel("long", { contextLength: 1e6 }),
    localModel("short"),
    localModel("?", { contextLength: null }),
  ];
  const models = routableModels([], files, facts);
  expect(models.map(({ id, contextLength }) => [id, contextLength])).toEqual([
    ["long", 8192],
    ["short", 4096],
    ["?", 8192],
  ]);
});

it("knows what the configuration says of a model", () => {
  const models = { m: { pinned: false, preset: "p", presets: { p: { ctx_size: 512 } }, ctx_size: 1024 } };
  expect(factsOfFile(localModel("m"), { models, default_ctx_size: 8192 }).contextLength).toBe(512);
});
