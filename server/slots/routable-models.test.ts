import { expect, it } from "vitest";
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

const local = (id: string, facts: Partial<LocalModel> = {}): LocalModel => ({
  id,
  path: `${id}.gguf`,
  sizeBytes: 1,
  modifiedS: 7,
  type: "text",
  rerank: false,
  architecture: "llama",
  quantization: "Q8_0",
  contextLength: 4096,
  parameters: 1,
  headSize: 64,
  mmprojPath: null,
  error: null,
  ...facts,
});

const facts = (model: LocalModel) => factsOfFile(model, { models: {}, default_ctx_size: 8192 });

it("lists what is loaded first, then what could be", () => {
  const models = routableModels(
    [loaded("b", "starting"), loaded("c", "ready")],
    [local("a"), local("b")],
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
    local("broken", { error: "cut short" }),
    local("long", { contextLength: 1e6 }),
    local("short"),
    local("?", { contextLength: null }),
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
  expect(factsOfFile(local("m"), { models, default_ctx_size: 8192 }).contextLength).toBe(512);
});
