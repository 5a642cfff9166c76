import { stat } from "node:fs/promises";
import { gguf } from "@huggingface/gguf";
import { describe, expect, it } from "vitest";
import { smolModel, tinyModels } from "../../tests/fixtures/index.ts";
import type { Metadata } from "./metadata.ts";
import { type ModelShape, shapeOf, type TensorInfo } from "./model-shape.ts";

const tiny = await tinyModels();

async function read(file: string): Promise<ModelShape> {
  const { metadata, tensorInfos } = await gguf(file, { allowLocalFile: true });
  return shapeOf({ ...metadata }, tensorInfos);
}

/** Tensors of 32 numbers at 8.5 bits (Q8_0): 34 bytes each. */
function tensors(...names: string[]): TensorInfo[] {
  return names.map((name, index) => ({ name, shape: [32n], dtype: 8, offset: BigInt(index * 64) }));
}

function sizes(architecture: string, values: Metadata): Metadata {
  const own = Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value]);
  return { "general.architecture": architecture, ...Object.fromEntries(own) };
}

describe("the shape of a real model", () => {
  it("is that of SmolLM2, whose embedding table is its output too", async () => {
    const shape = await read(await smolModel());
    expect(shape).toMatchObject({
      architecture: "llama",
      layers: 30,
      embeddingLength: 576,
      heads: 9,
      kvHeadsPerLayer: new Array(30).fill(3),
      keyLength: 64,
      valueLength: 64,
      vocabularySize: 49_152,
      feedForwardLength: 1536,
      expertCount: null,
      slidingWindow: null,
      swaLayers: null,
      recurrent: null,
      isEncoder: false,
    });
    const { size } = await stat(await smolModel());
    expect(shape.weightsBytes).toBeGreaterThan(size * 0.95);
    expect(shape.weightsBytes).toBeLessThan(size);
    const parts = shape.perLayerBytes.reduce((sum, bytes) => sum + bytes, shape.embeddingBytes);
    expect(parts + shape.outputBytes).toBe(shape.weightsBytes);
    expect(shape.outputBytes).toBeLessThan(10_000);
  });

  it("tells an encoder from a text model", async () => {
    expect(await read(tiny.embed)).toMatchObject({ architecture: "bert", isEncoder: true, layers: 2 });
    expect(await read(tiny.text)).toMatchObject({ isEncoder: false, kvHeadsPerLayer: [2, 2], keyLength: 16 });
  });
});

describe("what layers cache", () => {
  it("may differ, and be nothing where the header says so", () => {
    const shape = shapeOf(
      sizes("granitehybrid", {
        block_count: 4,
        embedding_length: 1536,
        "attention.head_count": 12,
        "attention.head_count_kv": [0, 4, 0, 4],
      }),
      [],
    );
    expect(shape).toMatchObject({ kvHeadsPerLayer: [0, 4, 0, 4], keyLength: 128 });
  });

  it("is nothing in the last layers of a model that shares caches", () => {
    const gemma3n = { block_count: 5, "attention.head_count_kv": 2, "attention.shared_kv_layers": 2 };
    expect(shapeOf(sizes("gemma3n", gemma3n), []).kvHeadsPerLayer).toEqual([2, 2, 2, 0, 0]);
  });

  it("is keys alone with latent attention", () => {
    const deepseek = {
      block_count: 1,
      "attention.head_count_kv": 1,
      "attention.key_length": 576,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
    };
    expect(shapeOf(sizes("deepseek2", deepseek), [])).toMatchObject({ keyLength: 576, valueLength: 0 });
  });

  it.each([
    ["gemma3", undefined, [true, true, true, true, true, false, true]],
    ["gpt-oss", undefined, [true, false, true, false, true, false, true]],
    ["laguna", undefined, [false, true, true, true, false, true, true]],
    ["gemma2", 3, [true, true, false, true, true, false, true]],
    ["gemma4", [true, true, false, true, true, false, true], [true, true, false, true, true, false, true]],
    ["phi3", undefined, new Array(7).fill(false)],
    ["unheard-of", undefined, null],
  ])("is a window in some layers of %s with the pattern %j", (architecture, pattern, expected) => {
    const metadata = sizes(architecture, {
      block_count: 7,
      "attention.sliding_window": 512,
      "attention.sliding_window_pattern": pattern,
    });
    expect(shapeOf(metadata, [])).toMatchObject({ slidingWindow: 512, swaLayers: expected });
  });
});

describe("what layers remember otherwise", () => {
  it("is a convolution and a state in Mamba's", () => {
    const mamba = {
      block_count: 2,
      embedding_length: 768,
      "ssm.conv_kernel": 4,
      "ssm.inner_size": 1536,
      "ssm.state_size": 16,
    };
    const shape = shapeOf(sizes("mamba", mamba), tensors("blk.0.ssm_conv1d.weight", "blk.1.ssm_out.weight"));
    expect(shape.recurrent).toEqual({ layers: [true, true], bytesPerLayer: 4 * (3 * 1536 + 1536 * 16) });
    expect(shape.kvHeadsPerLayer).toEqual([0, 0]);
  });

  it("stands beside attention in the same layer, or instead of it", () => {
    const hybrid = {
      block_count: 2,
      "attention.head_count_kv": 2,
      "ssm.conv_kernel": 4,
      "ssm.inner_size": 64,
      "ssm.state_size": 8,
      "ssm.group_count": 1,
    };
    const names = tensors("blk.0.ssm_conv1d.weight", "blk.0.attn_k.weight", "blk.1.ssm_conv1d.weight");
    const shape = shapeOf(sizes("falcon-h1", hybrid), names);
    expect(shape.kvHeadsPerLayer).toEqual([2, 0]);
    expect(shape.recurrent).toEqual({ layers: [true, true], bytesPerLayer: 4 * (3 * (64 + 16) + 64 * 8) });
  });

  it.each([
    ["rwkv7", { embedding_length: 768, "wkv.head_size": 64 }, "time_mix_key", 768 * (2 + 64)],
    [
      "rwkv6qwen2",
      { embedding_length: 64, "wkv.head_size": 8, token_shift_count: 1 },
      "time_mix_key",
      64 * 9,
    ],
    ["lfm2", { embedding_length: 1024, "shortconv.l_cache": 3 }, "shortconv.conv", 2048],
  ])("%s keeps its own kind", (architecture, values, mark, numbers) => {
    const metadata = sizes(architecture, { block_count: 1, ...values });
    expect(shapeOf(metadata, tensors(`blk.0.${mark}.weight`)).recurrent).toEqual({
      layers: [true],
      bytesPerLayer: numbers * 4,
    });
  });
});

describe("weights", () => {
  it("are summed by where they stand", () => {
    const names = tensors(
      "token_embd.weight",
      "blk.0.a",
      "blk.1.a",
      "blk.1.b",
      "output.weight",
      "rope_freqs",
    );
    const shape = shapeOf(sizes("llama", { block_count: 2, expert_count: 8, expert_used_count: 2 }), names);
    expect(shape).toMatchObject({
      weightsBytes: 6 * 34,
      perLayerBytes: [34, 68],
      embeddingBytes: 34,
      outputBytes: 34,
      expertCount: 8,
      expertUsedCount: 2,
    });
  });

  it("of a type that is not known are taken from their places in the file", () => {
    const [first, second] = tensors("blk.0.a", "blk.0.b");
    if (!first || !second) throw new Error("There are two.");
    const shape = shapeOf(sizes("llama", { block_count: 1 }), [{ ...first, dtype: 99 }, second]);
    expect(shape.perLayerBytes).toEqual([64 + 34]);
  });

  it("of a header that lies are no reason to count for long", () => {
    expect(shapeOf(sizes("llama", { block_count: 4_000_000_000 }), []).layers).toBe(10_000);
  });
});
