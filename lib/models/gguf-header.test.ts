import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gguf } from "@huggingface/gguf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smolModel, tinyModels } from "../../tests/fixtures/index.ts";
import { GgufFile } from "../../tests/fixtures/models/gguf-file.ts";
import { readGgufHeader } from "./gguf-header.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "gguf-header-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** What the library reads, with its long lists as we keep them, and without what it adds. */
async function byLibrary(file: string) {
  const { metadata, tensorInfos } = await gguf(file, { allowLocalFile: true });
  const { version, tensor_count, kv_count, ...own } = metadata as unknown as Record<string, unknown>;
  const kept = Object.entries(own).map(([key, value]) => {
    const isLong = Array.isArray(value) && value.length > 1_024;
    return [key, isLong ? { length: value.length } : value];
  });
  return {
    metadata: Object.fromEntries(kept),
    tensorInfos: tensorInfos.map(({ n_dims, ...tensor }) => tensor),
  };
}

describe("a header", () => {
  it("is read as the library reads it", async () => {
    for (const file of [...Object.values(await tinyModels()), await smolModel()]) {
      const { metadata, tensorInfos } = await readGgufHeader(file);
      expect({ metadata, tensorInfos }).toEqual(await byLibrary(file));
    }
  });

  it("is read alike with values of every kind", async () => {
    const file = new GgufFile("x", "name", 1);
    file.booleans({ "x.yes": true, "x.no": false });
    file.floats({ "x.float": 0.5 });
    file.integerList("x.negative", [-1, 0, 1]);
    file.floatList("x.long", new Array(2_000).fill(0.25));
    file.stringList("x.words", ["a", "", "ü"]);
    file.stringList("x.many", new Array(5_000).fill("word"));
    file.matrix("token_embd.weight", [3, 32]);
    const at = await written("every-kind.gguf", file.bytes());
    const { metadata, tensorInfos } = await readGgufHeader(at);
    expect({ metadata, tensorInfos }).toEqual(await byLibrary(at));
    expect(metadata).toMatchObject({ "x.negative": [-1, 0, 1], "x.many": { length: 5_000 } });
  });

  it("counts the words that stand for sounds, and no others", async () => {
    const words = Array.from({ length: 1_000 }, (_, index) => [
      `<custom_token_${index}>`,
      `<|${index}|>`,
      `<|c1_${index}|>`,
      `<|${index}.00|>`,
      `<loc${index}>`,
      `<|reserved_special_token_${index}|>`,
      `${index}`,
    ]).flat();
    const file = new GgufFile("llama", "speaks", 1);
    file.stringList("tokenizer.ggml.tokens", words);
    const { speechCodes } = await readGgufHeader(await written("speaks.gguf", file.bytes()));
    expect(speechCodes).toBe(3_000);
  });

  it("of a large vocabulary never keeps the event loop busy for long", async () => {
    const file = new GgufFile("gemma3", "large", 1);
    file.stringList(
      "tokenizer.ggml.tokens",
      Array.from({ length: 262_144 }, (_, index) => `word${index}`),
    );
    file.stringList("tokenizer.ggml.merges", new Array(262_144).fill("wo rd"));
    file.integerList("tokenizer.ggml.token_type", new Array(262_144).fill(1));
    const at = await written("large.gguf", file.bytes());
    await readGgufHeader(at);
    const usedBefore = process.cpuUsage();
    await readGgufHeader(at);
    const { user, system } = process.cpuUsage(usedBefore);
    // The library takes more than 300.
    expect((user + system) / 1000).toBeLessThan(150);
  });
});

describe("a header that is none", () => {
  const magic = Buffer.from("GGUF");
  const numbers = (version: number, ...sizes: number[]) => {
    const head = Buffer.alloc(4 + 8 * sizes.length);
    head.writeUInt32LE(version);
    for (const [index, size] of sizes.entries()) head.writeBigUInt64LE(BigInt(size), 4 + 8 * index);
    return Buffer.concat([magic, head]);
  };

  it.each([
    ["another file", Buffer.from("PK\x03\x04".repeat(10)), "it does not begin as a GGUF file does"],
    ["version 1", numbers(1, 0, 0), "it has version 1 of the format, and llama.cpp reads 2 and 3"],
    ["the other byte order", numbers(0x03000000, 0, 0), "it is made for big-endian machines"],
    ["too many tensors", numbers(3, 2 ** 40, 0), `its header promises ${2 ** 40} tensors`],
    ["too many entries", numbers(3, 0, 2 ** 40), `its header promises ${2 ** 40} entries`],
    ["its first bytes alone", magic, "it is cut short within its header"],
    ["no entries where some are promised", numbers(3, 0, 5), "it is cut short within its header"],
  ])("%s", async (name, bytes, message) => {
    await expect(readGgufHeader(await written(`${name}.gguf`, bytes))).rejects.toThrow(message);
  });

  it("whose last weight is not all there", async () => {
    const file = new GgufFile("llama", "cut", 1);
    file.matrix("token_embd.weight", [32, 32]);
    const whole = file.bytes();
    await expect(readGgufHeader(await written("whole.gguf", whole))).resolves.toBeDefined();
    const at = await written("cut.gguf", whole.subarray(0, whole.length - 1));
    await expect(readGgufHeader(at)).rejects.toThrow(
      `it is cut short: ${whole.length - 1} of ${whole.length} bytes are there`,
    );
  });
});
