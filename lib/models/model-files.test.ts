import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isModelFileName, readModelFacts } from "./model-files.ts";
import { whisperFile } from "./testing/whisper-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "model-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, bytes: Uint8Array | string) {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return readModelFacts(file);
}

describe("a Whisper model", () => {
  it.each([
    [{}, { name: "Whisper tiny, English", quantization: "F16", parameters: 4 * 167 }],
    [
      { words: 51_865, audioLayers: 6, textLayers: 6, precision: 8 },
      { name: "Whisper base", quantization: "Q5_0" },
    ],
    [
      { words: 51_866, audioLayers: 32, mels: 128, precision: 2_008 },
      { name: "Whisper large (4 layers write)", quantization: "Q5_0" },
    ],
  ])("%o is known by its sizes", async (sizes, expected) => {
    expect(await read("ggml-model.bin", whisperFile(sizes))).toMatchObject({
      kind: "model",
      engine: "whisper",
      architecture: "whisper",
      contextLength: 448,
      ...expected,
    });
  });

  it("that is cut short says so, wherever it was cut", async () => {
    const whole = whisperFile();
    for (const share of [0.001, 0.3, 0.9, 0.999])
      await expect(read("ggml-cut.bin", whole.subarray(0, Math.floor(whole.length * share)))).rejects.toThrow(
        "it is cut short",
      );
    // Between two weights, where nothing is left half.
    const lastBytes = 4 * 4 + "decoder.weight.166".length + 16;
    await expect(read("ggml-cut.bin", whole.subarray(0, whole.length - lastBytes))).rejects.toThrow(
      "it is cut short: 166 of 167 weights are there",
    );
  });

  it("is no other model of that format", async () => {
    expect(await read("ggml-silero-v5.bin", whisperFile({ words: 12 }))).toMatchObject({ kind: "other" });
  });
});

describe("what is no model at all", () => {
  it.each([
    [
      "pointer.gguf",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
      "it is a pointer of Git LFS",
    ],
    ["page.gguf", "<!DOCTYPE html><html>Sign in</html>", "it is a web page"],
    ["message.gguf", '{"error":"Access to this model is restricted"}', "it is a JSON text"],
    ["old.gguf", "tjgg\x03\x00\x00\x00........................", "it is in ggml's old format"],
    ["ggml-model-q4_0.bin", "tjgg\x03\x00\x00\x00........................", "it is in ggml's old format"],
    ["archive.gguf", "PK\x03\x04..........................", "it is a ZIP archive"],
    ["empty.gguf", "", "it is empty"],
    ["zeros.gguf", Buffer.alloc(5_000), "it holds nothing but zeros"],
    ["other.gguf", "something else altogether, long enough", "it does not begin as a GGUF file does"],
  ])("%s says what it is", async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });
});

it.each([
  ["a.gguf", true],
  ["A.GGUF", true],
  ["ggml-base.en-q5_1.bin", true],
  ["pytorch_model.bin", false],
  ["a.gguf.part", false],
])("%s may hold a model by its name: %s", (name, expected) => {
  expect(isModelFileName(name)).toBe(expected);
});
