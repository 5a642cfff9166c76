/** What the memory of a planned engine depends on. */
import { stat } from "node:fs/promises";
import { bytesPerMegabyte } from "../../lib/bytes.ts";
import type { AskedSettings } from "../../lib/fit/figures.ts";
import type { ModelShape } from "../../lib/models/model-shape.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { cacheTypes, type LlamaSettings } from "./engines/llama-command.ts";

/** @param quantization as the catalogue names it */
export async function fitSettings(
  settings: Omit<LlamaSettings, "port" | "keyFile">,
  { capabilities }: PlannedEngine["model"],
  quantization: string | null,
): Promise<AskedSettings> {
  const { ctxSize, parallel, serves, flashAttention, mlock, gpuLayers } = settings;
  const cache = cacheTypes(settings);
  const isText = serves === "text";
  // As the command line has it: an encoder takes its input in one batch.
  const batch = isText ? settings.batchSize : Math.max(settings.batchSize, ctxSize);
  const keepsPrompts = isText && parallel === 1 && !settings.isolatePromptCache;
  return {
    ctxSize,
    parallel,
    batchSize: isText ? Math.min(settings.ubatchSize ?? batch, batch) : batch,
    cacheTypeK: cache.key,
    cacheTypeV: cache.value,
    flashAttention,
    mlock,
    gpuLayers,
    // Weights that are not copied are taken as they are.
    quantization: settings.extra["--no-repack"] === true ? null : quantization,
    projectorFileBytes: await sizeOf(settings.mmprojFile),
    hearsSound: capabilities.includes("audio") || capabilities.includes("transcription"),
    besideFileBytes: await sizeOf(settings.draft?.modelFile ?? null),
    promptCacheBytes: keepsPrompts ? settings.cacheRamMb * bytesPerMegabyte : 0,
  };
}

/** The shape as it is run: windows can be switched off. */
export function shapeAsRun(shape: ModelShape, { extra }: Pick<LlamaSettings, "extra">): ModelShape {
  return extra["--swa-full"] === true ? { ...shape, slidingWindow: null, swaLayers: null } : shape;
}

/** One that is gone counts as nothing: its engine will say so itself. */
async function sizeOf(file: string | null): Promise<number> {
  if (file === null) return 0;
  const found = await stat(file).catch(() => null);
  return found?.size ?? 0;
}
