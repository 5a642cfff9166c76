import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
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
  cacheTypeK: "q8_0",
  headSize: 64,
  cacheRamMb: 512,
  isolatePromptCache: false,
  ...change,
});
const facts = (change: Partial<LlamaSettings> = {}) => runFacts({ settings: settings(change) });

it("knows every part of a model, and its projector", async () => {
  const parts = [await file("m-00001-of-00002.gguf", 5), await file("m-00002-of-00002.gguf", 6, 2_000)];
  const mmprojFile = await file("mmproj.gguf", 7);
  const { fingerprint } = await facts({ modelFile: parts[0] ?? "", mmprojFile });
  expect(fingerprint).toBe("5@1000000 6@2000000 7@1000000");
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
