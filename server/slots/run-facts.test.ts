import { mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Catalogue } from "../../lib/models/catalogue.ts";
import type { LlamaSettings } from "./engines/llama-command.ts";
import { runFacts } from "./run-facts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "run-facts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, bytes: number, atS = 1_000): Promise<string> {
  const made = path.join(folder, name);
  await writeFile(made, Buffer.alloc(bytes));
  await utimes(made, atS, atS);
  return made;
}

const settings = (change: Partial<LlamaSettings>): LlamaSettings => ({
  port: 4801,
  alias: "m",
  keyFile: "/k",
  modelFile: path.join(folder, "m.gguf"),
  mmprojFile: null,
  serves: "text",
  pooling: null,
  ctxSize: 512,
  parallel: 4,
  threads: 2,
  batchSize: 512,
  gpuLayers: "auto",
  flashAttention: true,
  mlock: true,
  ubatchSize: null,
  cacheTypeK: "q8_0",
  cacheTypeV: "q8_0",
  chatTemplate: null,
  reasoningFormat: null,
  reasoningBudget: null,
  draft: null,
  extra: {},
  headSize: 64,
  cacheRamMb: 512,
  isolatePromptCache: false,
  ...change,
});
const facts = (change: Partial<LlamaSettings> = {}) => runFacts({ settings: settings(change) });

it("knows every part of a model, its projector and its draft model", async () => {
  const parts = [await file("m-00001-of-00002.gguf", 5), await file("m-00002-of-00002.gguf", 6, 2_000)];
  const mmprojFile = await file("mmproj.gguf", 7);
  const draft = {
    modelFile: await file("d.gguf", 8),
    maxTokens: 4,
    minTokens: 0,
    minProbability: 0,
    gpuLayers: 0,
  };
  const { fingerprint } = await facts({ modelFile: parts[0] ?? "", mmprojFile, draft });
  expect(fingerprint).toBe("5@1000000 6@2000000 7@1000000 8@1000000");
});

it("names the files as the catalogue does, also those of the future and those behind links", async () => {
  const future = 4_000_000_000;
  const first = await file("m-00001-of-00002.gguf", 5, future);
  await file("blob", 6, 1_000.5);
  await symlink("blob", path.join(folder, "m-00002-of-00002.gguf"));
  const folders = { modelsDir: folder, extra: [], cacheDir: folder };
  const found = await new Catalogue(() => folders, path.join(folder, "facts.json")).find(first);
  expect(found?.fingerprint).toBe(`5@${future}000 6@1000500`);
  expect((await facts({ modelFile: first })).fingerprint).toBe(found?.fingerprint);
});

it("tells a file from another one under its name", async () => {
  await file("m.gguf", 5);
  const before = await facts();
  await file("m.gguf", 5, 1_001);
  expect((await facts()).fingerprint).not.toBe(before.fingerprint);
  await file("m.gguf", 6);
  expect((await facts()).fingerprint).not.toBe(before.fingerprint);
  await file("m.gguf", 5);
  expect(await facts()).toEqual(before);
});

it("takes settings for the same in any order, on any port, under any name", async () => {
  const reordered = Object.fromEntries(Object.entries(settings({})).reverse()) as unknown as LlamaSettings;
  const other = { ...reordered, port: 4802, keyFile: "/other", alias: "n" };
  expect((await runFacts({ settings: other })).settings).toBe((await facts()).settings);
  expect((await facts({ ctxSize: 1024 })).settings).not.toBe((await facts()).settings);
  expect((await facts()).settings).not.toContain(folder);
});

it("knows nothing of a remote", async () => {
  expect(await runFacts({})).toEqual({ fingerprint: "", settings: "{}" });
});
