/** What would make a model fit that does not: changes ready to be made, each with its figures. */
import type { ModelShape } from "../models/model-shape.ts";
import { type AskedSettings, type Figures, type FitQuestion, figuresOf, fits } from "./figures.ts";
import { suggestGpuLayers } from "./gpu-layers.ts";
import { sentenceOfChange } from "./words.ts";

/** Options of a load request. */
export interface ChangedOptions {
  ctx_size?: number;
  parallel?: number;
  cache_type_k?: string;
  cache_type_v?: string;
  gpu_layers?: number;
}

export interface Change extends Figures {
  options: ChangedOptions;
  /** Ports of slots to unload first. */
  unload: number[];
  sentence: string;
}

/** Less is of no use: a chat with its instructions does not fit into it. */
const leastContext = 1024;
const contextStep = 256;

/** @returns each that is enough by itself, the one that costs least first; where none is, all of them together */
export function changesThatHelp(question: FitQuestion, shape: ModelShape, margin: number): Change[] {
  const make = (options: ChangedOptions, unload: number[] = []): Change | null => {
    const figures = figuresOf(question, shape, changed(question.settings, options), unload);
    if (!fits(figures, margin)) return null;
    return { ...figures, options, unload, sentence: sentenceOfChange(options, unload, question.loaded) };
  };
  const cheap = [fewerGpuLayers(question, shape), fewerRequests(question), smallerCache(question, shape)];
  const single = cheap.map((options) => options && make(options));
  const context = smallerContext(question, (options) => make(options));
  const unloading = unloadings(question).map((ports) => make({}, ports));
  const found = [...single, context, unloading.find((change) => change !== null) ?? null];
  const enough = found.filter((change) => change !== null);
  if (enough.length > 0) return enough;
  const together: ChangedOptions = Object.assign({}, ...cheap.filter((options) => options !== null));
  const all = make(together) ?? smallerContext(question, (options) => make({ ...together, ...options }));
  return all ? [all] : [];
}

export function changed(settings: AskedSettings, options: ChangedOptions): AskedSettings {
  return {
    ...settings,
    ctxSize: options.ctx_size ?? settings.ctxSize,
    parallel: options.parallel ?? settings.parallel,
    cacheTypeK: options.cache_type_k ?? settings.cacheTypeK,
    cacheTypeV: options.cache_type_v ?? settings.cacheTypeV,
    gpuLayers: options.gpu_layers ?? settings.gpuLayers,
  };
}

function fewerGpuLayers(question: FitQuestion, shape: ModelShape): ChangedOptions | null {
  const { settings, machine } = question;
  if (typeof settings.gpuLayers !== "number" || machine.gpus.length === 0) return null;
  const { mlock: _, ...rest } = settings;
  const host = { ...rest, isLocked: false, unifiedGpu: machine.gpus.some(({ unified }) => unified) };
  const suggested = suggestGpuLayers(shape, { ...host, processor: machine.processor }, machine.gpus);
  return suggested < settings.gpuLayers ? { gpu_layers: suggested } : null;
}

function fewerRequests({ settings }: FitQuestion): ChangedOptions | null {
  return settings.parallel > 1 ? { parallel: 1 } : null;
}

/** Quantised numbers stand in blocks of 32, and values take flash attention (server/slots/engines/llama-command.ts). */
function smallerCache({ settings }: FitQuestion, shape: ModelShape): ChangedOptions | null {
  const inBlocks = shape.keyLength % 32 === 0 && shape.valueLength % 32 === 0;
  const isPlain = ["f32", "f16", "bf16"].includes(settings.cacheTypeK);
  if (shape.isEncoder || !inBlocks || !settings.flashAttention || !isPlain) return null;
  return { cache_type_k: "q8_0", cache_type_v: "q8_0" };
}

/** The longest that fits, at least `leastContext`. */
function smallerContext(
  { settings }: FitQuestion,
  make: (options: ChangedOptions) => Change | null,
): Change | null {
  let [least, most] = [leastContext / contextStep, Math.ceil(settings.ctxSize / contextStep) - 1];
  let best: Change | null = null;
  while (least <= most) {
    const middle = Math.floor((least + most) / 2);
    const change = make({ ctx_size: middle * contextStep });
    if (change) best = change;
    if (change) least = middle + 1;
    else most = middle - 1;
  }
  return best;
}

/** From the smallest one alone to all of them. */
function unloadings({ loaded }: FitQuestion): number[][] {
  const free = loaded.filter(({ isPinned }) => !isPinned);
  const bySize = [...free].sort((a, b) => sizeOf(a) - sizeOf(b));
  const largestFirst = bySize.toReversed().map(({ port }) => port);
  const several = largestFirst.map((_, index) => largestFirst.slice(0, index + 1)).slice(1);
  return [...bySize.map(({ port }) => [port]), ...several];
}

function sizeOf({ requiredBytes, heldBytes }: { requiredBytes: number; heldBytes: number }): number {
  return Math.max(requiredBytes, heldBytes);
}
