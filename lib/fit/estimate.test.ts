import { describe, expect, it } from "vitest";
import { bytesPerMegabyte } from "../bytes.ts";
import type { ModelShape } from "../models/model-shape.ts";
import { computeBytes } from "./compute-memory.ts";
import { checkpointBytes, contextPerLayer, sum } from "./context-memory.ts";
import { estimateMemory } from "./estimate.ts";
import { llama8b } from "./testing/questions.ts";

/** The models that llama-server 0.7.0 was asked about: it printed its buffers, in MiB. */
const asked = (shape: Partial<ModelShape> = {}) =>
  llama8b({
    layers: 4,
    embeddingLength: 1024,
    heads: 16,
    kvHeadsPerLayer: [4, 4, 4, 4],
    keyLength: 64,
    valueLength: 64,
    vocabularySize: 1000,
    feedForwardLength: 4096,
    ...shape,
  });
const settings = {
  ctxSize: 4096,
  parallel: 1,
  batchSize: 512,
  cacheTypeK: "f16",
  cacheTypeV: "f16",
  flashAttention: true,
};
const gemma = asked({
  layers: 12,
  kvHeadsPerLayer: new Array(12).fill(4),
  slidingWindow: 1024,
  swaLayers: Array.from({ length: 12 }, (_, layer) => layer % 6 !== 5),
  feedForwardLength: 256,
});

describe("the contexts, as llama-server prints them (KV buffer size)", () => {
  it.each([
    ["one sequence", asked(), {}, 16],
    ["four sequences", asked(), { parallel: 4 }, 64],
    ["q8_0", asked(), { cacheTypeK: "q8_0", cacheTypeV: "q8_0" }, 8.5],
    ["longer heads", asked({ keyLength: 128, valueLength: 128 }), {}, 32],
    ["windows", gemma, { ctxSize: 8192 }, 31],
    ["windows of four sequences", gemma, { ctxSize: 8192, parallel: 4 }, 124],
    ["windows longer than the context", gemma, { ctxSize: 512 }, 6],
    ["an encoder", asked({ isEncoder: true }), {}, 0],
  ])("%s", (_what, shape, changes, megabytes) => {
    expect(sum(contextPerLayer(shape, { ...settings, ...changes })) / bytesPerMegabyte).toBe(megabytes);
  });

  it("hold a state of fixed size in recurrent layers", () => {
    const recurrent = { layers: [true, true, true, false], bytesPerLayer: 1000 };
    const hybrid = asked({ kvHeadsPerLayer: [0, 0, 0, 4], recurrent });
    const perLayer = contextPerLayer(hybrid, { ...settings, parallel: 2 });
    expect(perLayer.slice(0, 3)).toEqual([2000, 2000, 2000]);
    expect(perLayer[3]).toBe(2 * 4096 * 4 * 128 * 2);
    expect(checkpointBytes(hybrid, { ...settings, parallel: 2 })).toBe(3 * 6000);
    expect(checkpointBytes(asked(), settings)).toBe(0);
  });
});

const bert = (embeddingLength: number, feedForwardLength: number) =>
  asked({ architecture: "bert", isEncoder: true, embeddingLength, feedForwardLength, vocabularySize: 0 });

describe("the buffer of a batch, as llama-server prints it (compute buffer size), within 15 %", () => {
  it.each([
    ["as it is", asked(), {}, 38.0],
    ["a longer context", asked(), { ctxSize: 32_768 }, 66.0],
    ["a larger batch", asked(), { batchSize: 1024 }, 76.0],
    ["four sequences", asked(), { parallel: 4 }, 38.0],
    ["without flash attention", asked(), { flashAttention: false }, 149.0],
    ["that, with a longer context", asked(), { flashAttention: false, ctxSize: 8192 }, 285.0],
    ["a narrow feed-forward part", asked({ feedForwardLength: 256 }), {}, 16.0],
    ["longer heads", asked({ feedForwardLength: 256, keyLength: 256, valueLength: 256 }), {}, 30.0],
    ["a wide model", asked({ embeddingLength: 2048 }), {}, 48.0],
    ["two of eight experts", asked({ expertUsedCount: 2, feedForwardLength: 1024 }), {}, 26.0],
    ["eight of 32 experts", asked({ expertUsedCount: 8, feedForwardLength: 512 }), {}, 38.0],
    ["windows", gemma, { ctxSize: 8192 }, 21.5],
    ["an encoder", bert(1024, 4096), { ctxSize: 2048, batchSize: 2048 }, 88.0],
    ["a narrow encoder", bert(512, 4096), { ctxSize: 2048, batchSize: 2048 }, 64.0],
    ["an encoder of long texts", bert(1024, 4096), { ctxSize: 8192, batchSize: 8192 }, 448.2],
    [
      "an encoder without flash attention",
      bert(1024, 4096),
      { ctxSize: 2048, batchSize: 2048, flashAttention: false },
      328.0,
    ],
  ])("%s", (_what, shape, changes, megabytes) => {
    const ratio = computeBytes(shape, { ...settings, ...changes }) / bytesPerMegabyte / megabytes;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });
});

const load = {
  ...settings,
  isLocked: false,
  gpuLayers: 0,
  unifiedGpu: false,
  processor: "other" as const,
  quantization: "Q4_K_M",
  projectorFileBytes: 0,
  hearsSound: false,
  besideFileBytes: 0,
  promptCacheBytes: 0,
};

describe("the whole", () => {
  it("is the sum of its parts, and all of it in RAM without a GPU", () => {
    const { totalBytes, ramBytes, gpuBytes, ...parts } = estimateMemory(llama8b(), load);
    const { reclaimableBytes: _, growthBytes: __, ...counted } = parts;
    expect(sum(Object.values(counted))).toBe(totalBytes);
    expect([ramBytes, gpuBytes]).toEqual([totalBytes, 0]);
  });

  it("counts copies of weights for the processor, whose originals can go unless they are locked", () => {
    const plain = estimateMemory(llama8b(), load);
    const copied = estimateMemory(llama8b(), { ...load, processor: "avx2" });
    // llama.cpp prints 3,204 MiB of CPU_REPACK for this model.
    const copies = (copied.totalBytes - plain.totalBytes) / bytesPerMegabyte;
    expect(Math.abs(copies / 3204 - 1)).toBeLessThan(0.05);
    expect(copied.reclaimableBytes / bytesPerMegabyte).toBeCloseTo(copies, -1);
    expect(estimateMemory(llama8b(), { ...load, processor: "avx2", isLocked: true }).reclaimableBytes).toBe(
      0,
    );
    expect(estimateMemory(llama8b(), { ...load, processor: "avx2", quantization: "Q5_0" })).toEqual(plain);
  });

  it("is split between RAM and a GPU with memory of its own, layer by layer", () => {
    const all = estimateMemory(llama8b(), { ...load, gpuLayers: 33 });
    const half = estimateMemory(llama8b(), { ...load, gpuLayers: 16 });
    for (const { totalBytes, ramBytes, gpuBytes } of [all, half])
      expect(ramBytes + gpuBytes).toBe(totalBytes);
    expect(all.gpuBytes).toBeGreaterThan(4_628_000_000);
    expect(all.ramBytes).toBeLessThan(500_000_000);
    expect(half.gpuBytes).toBeLessThan(0.6 * all.gpuBytes);
    const shared = estimateMemory(llama8b(), { ...load, gpuLayers: 33, unifiedGpu: true });
    expect(shared.ramBytes).toBe(shared.totalBytes);
  });
});
