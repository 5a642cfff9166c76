/** What a model needs of the memory, and what there is of it. */
import { bytesPerMegabyte } from "../bytes.ts";
import type { Machine } from "../machine/types.ts";
import type { ModelShape } from "../models/model-shape.ts";
import { estimateMemory } from "./estimate.ts";
import { suggestGpuLayers, usableGpuBytes } from "./gpu-layers.ts";
import type { FitSettings } from "./settings.ts";

/** What is asked about: the settings of a load as they are, whatever the machine makes of them. */
export type AskedSettings = Omit<FitSettings, "gpuLayers" | "unifiedGpu" | "isLocked" | "processor"> & {
  /** `auto`: as many as there is room for. */
  gpuLayers: number | "auto";
  mlock: boolean;
};

/** An engine that runs or starts. */
export interface LoadedSlot {
  port: number;
  modelId: string;
  /** What it will have taken when all its buffers are in use. */
  requiredBytes: number;
  /** What the machine's available memory lacks already because of it. */
  heldBytes: number;
  /** It is not to be unloaded for another. */
  isPinned: boolean;
}

export interface FitQuestion {
  modelId: string;
  /** Null where the file does not say enough. */
  shape: ModelShape | null;
  settings: AskedSettings;
  machine: Machine;
  /** Without the slot that is to be replaced. */
  loaded: readonly LoadedSlot[];
  /** What the same files with the same settings took when they had answered once; null where that was never measured. */
  learnedBytes: number | null;
}

/** Of RAM; of GPUs there is a need of its own. */
export interface Figures {
  requiredBytes: number;
  /** What is there, less what loaded engines will still take. */
  availableBytes: number;
  gpuRequiredBytes: number;
  gpuAvailableBytes: number;
  /** On the GPU; the output counts as one. */
  gpuLayers: number;
}

/**
 * What is never given to models. The gateway itself grows by a few hundred megabytes under load, the kernel keeps a few
 * percent for itself without saying so in MemAvailable, and an estimate may be off: 6 %, but no less than a small machine
 * needs to stay alive, and no more than that is on a large one.
 */
export function marginBytes({ totalBytes }: Pick<Machine, "totalBytes">): number {
  return Math.round(Math.min(2048 * bytesPerMegabyte, Math.max(256 * bytesPerMegabyte, 0.06 * totalBytes)));
}

export function fits(figures: Figures, margin: number): boolean {
  return (
    figures.requiredBytes <= figures.availableBytes - margin &&
    figures.gpuRequiredBytes <= figures.gpuAvailableBytes
  );
}

/** @param unloaded ports of slots that would be empty by then */
export function figuresOf(
  question: FitQuestion,
  shape: ModelShape,
  settings: AskedSettings,
  unloaded: readonly number[],
): Figures {
  const { machine, loaded } = question;
  const resolved = resolve(question, shape, settings);
  const estimate = estimateMemory(shape, resolved);
  const staying = loaded.filter(({ port }) => !unloaded.includes(port));
  const freed = loaded
    .filter(({ port }) => unloaded.includes(port))
    .reduce((sum, one) => sum + one.heldBytes, 0);
  return {
    requiredBytes: Math.max(0, estimate.ramBytes - estimate.reclaimableBytes + correction(question, shape)),
    availableBytes: availableBytes(machine, staying) + freed,
    gpuRequiredBytes: estimate.gpuBytes,
    gpuAvailableBytes: usableGpuBytes(machine.gpus),
    gpuLayers: resolved.gpuLayers,
  };
}

/** What is there, less what running engines will still take. */
export function availableBytes(machine: Machine, loaded: readonly LoadedSlot[]): number {
  const stillTaken = loaded.reduce(
    (sum, { requiredBytes, heldBytes }) => sum + Math.max(0, requiredBytes - heldBytes),
    0,
  );
  return Math.max(0, machine.availableBytes - stillTaken);
}

/** What the machine makes of the settings. */
export function resolve({ machine }: FitQuestion, shape: ModelShape, asked: AskedSettings): FitSettings {
  const { gpuLayers, mlock, ...settings } = asked;
  const host = {
    ...settings,
    isLocked: mlock && machine.lockableBytes >= shape.weightsBytes,
    unifiedGpu: machine.gpus.some(({ unified }) => unified),
    processor: machine.processor,
  };
  if (machine.gpus.length === 0) return { ...host, gpuLayers: 0 };
  return {
    ...host,
    gpuLayers: gpuLayers === "auto" ? suggestGpuLayers(shape, host, machine.gpus) : gpuLayers,
  };
}

/**
 * How far the estimate was off when the model was measured. By then it had answered once, so the compute buffer was
 * hardly touched. The difference lies in the weights and the program, so it is the same for other contexts. With a GPU
 * nothing is learned: what is in its memory is not seen.
 */
function correction(question: FitQuestion, shape: ModelShape): number {
  if (question.learnedBytes === null || question.machine.gpus.length > 0) return 0;
  const estimate = estimateMemory(shape, resolve(question, shape, question.settings));
  return question.learnedBytes - (estimate.totalBytes - estimate.computeBytes);
}
