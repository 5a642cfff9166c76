import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gguf } from "@huggingface/gguf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smolModel, tinyModels } from "../../tests/fixtures/index.ts";
import { GgufFile } from "../../tests/fixtures/models/gguf-file.ts";
import { readGgufHeader } from "./gguf-header.ts";
import { HeaderBudget } from "./header-budget.ts";

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

/** What the library reads, with lists and texts as far as we keep them, and without what it adds. */
async function byLibrary(file: string) {
  const { metadata, tensorInfos } = await gguf(file, { allowLocalFile: true });
  const { version, tensor_count, kv_count, ...own } = metadata as unknown as Record<string, unknown>;
  const kept = Object.entries(own).flatMap(([key, value]) => {
    const isPassed = key.startsWith("tokenizer.") && key !== "tokenizer.chat_template";
    if (Array.isArray(value))
      return [[key, isPassed || value.length > 1_024 ? { length: value.length } : value]];
    return isPassed && typeof value === "string" ? [] : [[key, value]];
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

const magic = Buffer.from("GGUF");
const numbers = (version: number, ...sizes: number[]) => {
  const head = Buffer.alloc(4 + 8 * sizes.length);
  head.writeUInt32LE(version);
  for (const [index, size] of sizes.entries()) head.writeBigUInt64LE(BigInt(size), 4 + 8 * index);
  return Buffer.concat([magic, head]);
};

describe("a header that was made to take all memory", () => {
  const tooLarge = "its header is too large";
  const list = (type: number, length: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(type);
    bytes.writeBigUInt64LE(BigInt(length), 4);
    return bytes;
  };
  /** A file with one entry, `x`, that is a list. */
  const withList = (...parts: Buffer[]) => {
    const key = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0x78, 9, 0, 0, 0]);
    return Buffer.concat([numbers(3, 0, 1), key, ...parts]);
  };

  it("keeps nothing of lists within lists", async () => {
    const inner = [list(9, 1), list(4, 2), Buffer.alloc(8), list(8, 1), Buffer.alloc(8), list(8, 0)];
    const lists = [...new Array(100_000).fill(list(9, 0)), ...inner];
    const at = await written("lists.gguf", withList(list(9, 100_003), ...lists));
    const { metadata } = await readGgufHeader(at, new HeaderBudget(1_000));
    expect(metadata).toEqual({ x: { length: 100_003 } });
  });

  it("says so where they go too deep, or on to the end of the file", async () => {
    const deep = await written("deep.gguf", withList(...new Array(9).fill(list(9, 1))));
    await expect(readGgufHeader(deep)).rejects.toThrow("its lists are nested too deep");
    const cut = await written("endless.gguf", withList(list(9, 2 ** 24), list(8, 2 ** 24)));
    await expect(readGgufHeader(cut)).rejects.toThrow("it is cut short within its header");
  });

  it.each([
    ["texts", (file: GgufFile) => file.strings({ "x.text": "a".repeat(5_000) })],
    ["words", (file: GgufFile) => file.stringList("x.words", new Array(1_000).fill("a"))],
    ["numbers", (file: GgufFile) => file.integerList("x.numbers", new Array(1_000).fill(1))],
    ["keys", (file: GgufFile) => file.booleans(Object.fromEntries(many((key) => [`x.${key}`, true])))],
    ["tensors", (file: GgufFile) => many((name) => file.norm(`x.${name}`, 1, false))],
  ])("ends before it keeps too many %s", async (name, fill) => {
    const file = new GgufFile("x", "name", 1);
    fill(file);
    const at = await written(`too-many-${name}.gguf`, file.bytes());
    await expect(readGgufHeader(at)).resolves.toBeDefined();
    await expect(readGgufHeader(at, new HeaderBudget(5_000))).rejects.toThrow(tooLarge);
  });

  const many = <One>(one: (index: number) => One) => Array.from({ length: 100 }, (_, index) => one(index));

  it("counts the parts of a model together", async () => {
    const file = new GgufFile("x", "name", 1);
    file.strings({ "x.text": "a".repeat(5_000) });
    const at = await written("part.gguf", file.bytes());
    const budget = new HeaderBudget(8_000);
    await readGgufHeader(at, budget);
    await expect(readGgufHeader(at, budget)).rejects.toThrow(tooLarge);
  });

  it("may have as large a tokenizer as it likes, of which nothing is kept but the chat template", async () => {
    const file = new GgufFile("x", "name", 1);
    const own = { "tokenizer.ggml.model": "gpt2", "tokenizer.huggingface.json": "a".repeat(9 << 20) };
    file.strings({ ...own, "tokenizer.chat_template": "{{ messages }}" });
    file.stringList("tokenizer.ggml.tokens", new Array(1_000).fill("word"));
    const { metadata } = await readGgufHeader(
      await written("words.gguf", file.bytes()),
      new HeaderBudget(5_000),
    );
    expect(metadata).toEqual({
      "general.architecture": "x",
      "general.name": "name",
      "general.file_type": 1,
      "tokenizer.chat_template": "{{ messages }}",
      "tokenizer.ggml.tokens": { length: 1_000 },
    });
  });
});

describe("a header that is none", () => {
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
