import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyModels, tinyModels } from "../../tests/fixtures/index.ts";
import { describe as describeHeader, readGgufFacts } from "./gguf-facts.ts";

let models: TinyModels;
let folder: string;

beforeAll(async () => {
  models = await tinyModels();
  folder = await mkdtemp(path.join(os.tmpdir(), "gguf-facts-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("header facts", () => {
  it("of a text model", async () => {
    expect(await readGgufFacts(models.text)).toMatchObject({
      kind: "model",
      architecture: "llama",
      quantization: "F16",
      contextLength: 8192,
      headSize: 16,
      pooling: null,
      rankHead: false,
    });
  });

  it("of encoders", async () => {
    expect(await readGgufFacts(models.embed)).toMatchObject({
      pooling: "mean",
      rankHead: false,
      contextLength: 512,
    });
    expect(await readGgufFacts(models.rerank)).toMatchObject({ pooling: "rank", rankHead: true });
  });

  it("of projectors", async () => {
    expect(await readGgufFacts(models.mmprojVision)).toMatchObject({
      kind: "projector",
      vision: true,
      audio: false,
    });
    expect(await readGgufFacts(models.mmprojAudio)).toMatchObject({
      kind: "projector",
      vision: false,
      audio: true,
    });
    expect(await readGgufFacts(models.mmprojOmni)).toMatchObject({
      kind: "projector",
      vision: true,
      audio: true,
    });
  });

  it("read a value that each layer has its own of", () => {
    const header = {
      "general.architecture": "x",
      "x.embedding_length": 2560,
      "x.attention.head_count": [0, 32, 32],
      "x.context_length": 4096n,
    };
    expect(describeHeader(header, [])).toMatchObject({ headSize: 80, contextLength: 4096 });
  });

  it("take the head size that a quantised cache would refuse", () => {
    const header = {
      "general.architecture": "x",
      "x.attention.key_length": 192,
      "x.attention.value_length": 100,
    };
    expect(describeHeader(header, []).headSize).toBe(100);
  });

  it("call an adapter no model", () => {
    const header = { "general.architecture": "llama", "general.type": "adapter" };
    expect(describeHeader(header, []).kind).toBe("other");
  });
});

describe("a damaged file", () => {
  it("cut short is told apart from a whole one", async () => {
    const whole = await readFile(models.text);
    for (const share of [0, 0.001, 0.02, 0.3, 0.9]) {
      const file = path.join(folder, `cut-${share}.gguf`);
      await writeFile(file, whole.subarray(0, Math.floor(whole.length * share)));
      await expect(readGgufFacts(file), `${share}`).rejects.toThrow();
    }
  });

  it("never takes long or much memory", async () => {
    const whole = await readFile(models.rerank);
    const header = whole.subarray(0, 20_000);
    const change = fc.record({ at: fc.nat(header.length - 1), byte: fc.nat(255) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of changes) bytes[at] = byte;
        const file = path.join(folder, `changed-${run++}.gguf`);
        await writeFile(file, bytes);
        const startedMs = performance.now();
        await readGgufFacts(file).catch(() => null);
        expect(performance.now() - startedMs).toBeLessThan(2_000);
        await rm(file);
      }),
      { numRuns: 150 },
    );
    expect(process.memoryUsage().rss).toBeLessThan(1e9);
  });
});
