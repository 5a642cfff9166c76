/** Machines, models and settings for tests of the verdict. */
import { bytesPerGigabyte } from "../../bytes.ts";
import type { Gpu, Machine } from "../../machine/types.ts";
import type { ModelShape } from "../../models/model-shape.ts";
import type { AskedSettings } from "../figures.ts";

/** A machine of as many gigabytes, all of them available, that copies no weights. */
export function machine(gigabytes: number, facts: Partial<Machine> = {}): Machine {
  const totalBytes = gigabytes * bytesPerGigabyte;
  const lockableBytes = Number.POSITIVE_INFINITY;
  return { totalBytes, availableBytes: totalBytes, gpus: [], processor: "other", lockableBytes, ...facts };
}

export function gpu(gigabytes: number, facts: Partial<Gpu> = {}): Gpu {
  const totalBytes = gigabytes * bytesPerGigabyte;
  const sensors = { busyPercent: null, temperatureC: null, powerW: null };
  return {
    vendor: "nvidia",
    index: 0,
    name: "GPU",
    totalBytes,
    freeBytes: totalBytes,
    unified: false,
    ...sensors,
    ...facts,
  };
}

/** As the gateway's defaults, but for the context and what depends on the model. */
export function fitSettings(settings: Partial<AskedSettings> = {}): AskedSettings {
  return {
    ctxSize: 8192,
    parallel: 1,
    batchSize: 512,
    cacheTypeK: "f16",
    cacheTypeV: "f16",
    flashAttention: true,
    mlock: true,
    gpuLayers: "auto",
    quantization: "Q4_K_M",
    projectorFileBytes: 0,
    hearsSound: false,
    besideFileBytes: 0,
    promptCacheBytes: 0,
    ...settings,
  };
}

/** Llama 3.1 8B as Q4_K_M: https://huggingface.co/bartowski/Meta-Llama-3.1-8B-Instruct-GGUF */
export function llama8b(shape: Partial<ModelShape> = {}): ModelShape {
  const layers = 32;
  return {
    architecture: "llama",
    layers,
    embeddingLength: 4096,
    heads: 32,
    kvHeadsPerLayer: new Array(layers).fill(8),
    keyLength: 128,
    valueLength: 128,
    vocabularySize: 128_256,
    feedForwardLength: 14_336,
    weightsBytes: 4_912_900_000,
    perLayerBytes: new Array(layers).fill(131_170_000),
    embeddingBytes: 295_500_000,
    outputBytes: 430_900_000,
    expertCount: null,
    expertUsedCount: null,
    slidingWindow: null,
    swaLayers: null,
    recurrent: null,
    isEncoder: false,
    ...shape,
  };
}
