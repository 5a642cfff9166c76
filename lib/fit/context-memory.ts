/**
 * What the contexts of a model take. Sources: llama-kv-cache.cpp, llama-kv-cache-iswa.cpp and llama-context.cpp of
 * llama.cpp b11429, checked against the lines "KV buffer size" that llama-server 0.7.0 prints.
 */
import type { ModelShape } from "../models/model-shape.ts";
import type { FitSettings } from "./settings.ts";

/** Bytes of a number, by the type of the cache (ggml-common.h: bytes of a block through its 32 numbers). */
const bytesPerNumber: Readonly<Record<string, number>> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  iq4_nl: 18 / 32,
};

/** Contexts and windows are rounded up to whole steps of this many tokens. */
const stepTokens = 256;

type ContextSettings = Pick<
  FitSettings,
  "ctxSize" | "parallel" | "batchSize" | "cacheTypeK" | "cacheTypeV" | "flashAttention"
>;

/** Bytes of the caches of all sequences together, layer by layer. */
export function contextPerLayer(shape: ModelShape, settings: ContextSettings): number[] {
  if (shape.isEncoder) return shape.perLayerBytes.map(() => 0);
  const tokens = contextTokens(shape, settings);
  return shape.kvHeadsPerLayer.map((heads, layer) => {
    const isWindowed = shape.swaLayers?.[layer] === true;
    const cached = heads * perHeadBytes(shape, settings) * (isWindowed ? tokens.window : tokens.whole);
    const state = shape.recurrent?.layers[layer] ? shape.recurrent.bytesPerLayer : 0;
    return (cached + state) * settings.parallel;
  });
}

/** Tokens of one sequence that are cached: by layers that see everything, and by those that see a window. */
export function contextTokens(
  { slidingWindow }: Pick<ModelShape, "slidingWindow">,
  { ctxSize, batchSize }: Pick<FitSettings, "ctxSize" | "batchSize">,
): { whole: number; window: number } {
  const whole = wholeSteps(ctxSize);
  const window = slidingWindow === null ? whole : wholeSteps(Math.min(whole, slidingWindow + batchSize));
  return { whole, window };
}

function perHeadBytes(shape: ModelShape, settings: ContextSettings): number {
  const { cacheTypeK, cacheTypeV } = settings;
  return shape.keyLength * bytesOf(cacheTypeK) + shape.valueLength * bytesOf(cacheTypeV);
}

function bytesOf(type: string): number {
  return bytesPerNumber[type] ?? 2;
}

function wholeSteps(tokens: number): number {
  return Math.ceil(tokens / stepTokens) * stepTokens;
}

/** llama-server's `--checkpoint-min-step` and `--ctx-checkpoints` of 0.7.0. */
const checkpointEveryTokens = 8192;
const maxCheckpoints = 32;

/**
 * What copies of the parts of a context may take in time that cannot be wound back: windows and recurrent states. Each
 * sequence keeps one for every so many tokens, and two at the end of its prompt.
 */
export function checkpointBytes(shape: ModelShape, settings: ContextSettings): number {
  const layers = contextPerLayer(shape, settings);
  const kept = layers.filter(
    (_, layer) => shape.swaLayers?.[layer] === true || shape.recurrent?.layers[layer] === true,
  );
  const count = Math.min(maxCheckpoints, 2 + Math.ceil(settings.ctxSize / checkpointEveryTokens));
  return sum(kept) * count;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
