/** How many layers of a model the GPUs can take. */
import { bytesPerGigabyte } from "../bytes.ts";
import type { Gpu } from "../machine/types.ts";
import type { ModelShape } from "../models/model-shape.ts";
import { estimateMemory } from "./estimate.ts";
import type { FitSettings } from "./settings.ts";

/** Left free on each GPU: what llama-server leaves when it chooses by itself (`--fit-target`). */
export const gpuMarginBytes = bytesPerGigabyte;

/** What models may take of all GPUs together. */
export function usableGpuBytes(gpus: readonly Gpu[]): number {
  return gpus.reduce((sum, { freeBytes }) => sum + Math.max(0, freeBytes - gpuMarginBytes), 0);
}

/**
 * The most layers that fit, the output counted as one more.
 * @returns 0 where there is no GPU, or none has room
 */
export function suggestGpuLayers(
  shape: ModelShape,
  settings: Omit<FitSettings, "gpuLayers">,
  gpus: readonly Gpu[],
): number {
  const usable = usableGpuBytes(gpus);
  for (let gpuLayers = shape.layers + 1; gpuLayers > 0; gpuLayers--)
    if (estimateMemory(shape, { ...settings, gpuLayers }).gpuBytes <= usable) return gpuLayers;
  return 0;
}
