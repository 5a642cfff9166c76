import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { whisperFile } from "../../lib/models/testing/whisper-file.ts";
import { tinyModelBytes } from "../../tests/fixtures/index.ts";
import { servedFile } from "../../tests/harness/hub-files.ts";
import { checkModel } from "./check-model.ts";
import { bytesOf } from "./testing/rig.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-check-model-"));
});
afterAll(() => rm(folder, { recursive: true }));

const models = tinyModelBytes();
const model = models["tiny-text.gguf"] ?? Buffer.alloc(0);
const check = async (name: string, bytes: Buffer) => {
  const file = path.join(folder, `${name}.verified`);
  await writeFile(file, bytes);
  return checkModel(file, name);
};

it.each([
  ["a model", "m.gguf", model],
  ["a projector", "mmproj-m.gguf", models["tiny-mmproj-vision.gguf"] ?? Buffer.alloc(0)],
  ["a later part, which does not say what it is", "m-00002-of-00002.gguf", bytesOf(servedFile(1_000))],
  ["a Whisper model, which is no GGUF", "ggml-tiny.bin", whisperFile()],
])("takes %s", async (_, name, bytes) => {
  await expect(check(name, bytes)).resolves.toBeUndefined();
});

it.each([
  ["one that is cut short", "m.gguf", model.subarray(0, model.length - 100), /^m\.gguf .*cut short/],
  ["a Whisper model by a model's name", "m.gguf", whisperFile(), /^m\.gguf is damaged or no model/],
  ["a model by a Whisper model's name", "ggml-tiny.bin", model, /^ggml-tiny\.bin is damaged or no model/],
])("refuses %s", async (_, name, bytes, message) => {
  await expect(check(name, bytes)).rejects.toMatchObject({
    kind: "failed",
    message: expect.stringMatching(message),
  });
});

it("does not call a file no model that the disk does not give", async () => {
  await expect(checkModel(path.join(folder, "none.gguf"), "none.gguf")).rejects.toMatchObject({
    code: "ENOENT",
  });
});
