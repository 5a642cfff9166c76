/** How much memory a model will take, from the numbers in its header and the settings of its load. */
import { bytesPerMegabyte } from "../bytes.ts";
import type { ModelShape } from "../models/model-shape.ts";
import { computeBytes } from "./compute-memory.ts";
import { checkpointBytes, contextPerLayer, sum } from "./context-memory.ts";
import type { FitSettings } from "./settings.ts";
import { weightCopies } from "./weight-copies.ts";

/** Bytes. `totalBytes` is the sum of the first five, and of what is in RAM and on the GPU. */
export interface MemoryEstimate {
  /** The file, which stays mapped, and copies of it for the processor. */
  weightsBytes: number;
  contextBytes: number;
  /** Taken only as long prompts come. */
  computeBytes: number;
  projectorBytes: number;
  /** The program itself, its words, and other models beside. */
  overheadBytes: number;
  totalBytes: number;
  /** In RAM; with a GPU that has memory of its own, the rest is there. */
  ramBytes: number;
  gpuBytes: number;
  /** Part of `ramBytes` that the system can take back when others need it, as nobody looks at it again. */
  reclaimableBytes: number;
  /** What it may take in time besides: prompts that are kept, checkpoints of contexts. */
  growthBytes: number;
}

/** Measured: 6 MiB of its own, and 17 MiB of libraries, of llama-server 0.7.0 with a model of 0.3 MB. */
const programBytes = 23 * bytesPerMegabyte;
/**
 * For each word its text, its number and how it is put together. Measured with vocabularies of 1,000 to 256,000: 170 bytes
 * in SentencePiece's way, 290 to 365 with a table of merges.
 */
const perWordBytes = 320;
/**
 * Images and sounds are turned into numbers by a graph of their own, about as large as a part of the weights; the rest is
 * measured with projectors of 0.1 to 0.3 MB, sounds with the tables of their spectra.
 */
const projectorGraphShare = 0.3;
const projectorFixedBytes = 4 * bytesPerMegabyte;
const soundBytes = 11 * bytesPerMegabyte;

export function estimateMemory(shape: ModelShape, settings: FitSettings): MemoryEstimate {
  const contexts = contextPerLayer(shape, settings);
  const gpuLayers = Math.min(settings.gpuLayers, shape.layers);
  const cpuLayers = shape.layers - gpuLayers;
  const compute = Math.round(computeBytes(shape, settings));
  const projector = projectorBytes(settings);
  const overhead = programBytes + shape.vocabularySize * perWordBytes + settings.besideFileBytes;
  // The last layers go to the GPU first, and the output with them where there is room.
  const onGpu =
    gpuLayers === 0
      ? 0
      : sum(shape.perLayerBytes.slice(cpuLayers)) +
        sum(contexts.slice(cpuLayers)) +
        (settings.gpuLayers > shape.layers ? shape.outputBytes || shape.embeddingBytes : 0) +
        compute +
        projector;
  const { copiedBytes, originalsBytes } = weightCopies(
    shape,
    settings.quantization,
    settings.processor,
    settings.unifiedGpu && gpuLayers > 0 ? 0 : cpuLayers,
  );
  const parts = {
    weightsBytes: shape.weightsBytes + copiedBytes,
    contextBytes: sum(contexts),
    computeBytes: compute,
    projectorBytes: projector,
    overheadBytes: overhead,
  };
  const total = sum(Object.values(parts));
  const offloaded = settings.unifiedGpu ? 0 : onGpu;
  return {
    ...parts,
    totalBytes: total,
    ramBytes: total - offloaded,
    gpuBytes: onGpu,
    reclaimableBytes: settings.isLocked ? 0 : originalsBytes,
    growthBytes: settings.promptCacheBytes + Math.round(checkpointBytes(shape, settings)),
  };
}

function projectorBytes({ projectorFileBytes, hearsSound }: FitSettings): number {
  if (projectorFileBytes === 0) return 0;
  const graph =
    projectorFileBytes * projectorGraphShare + projectorFixedBytes + (hearsSound ? soundBytes : 0);
  return Math.round(projectorFileBytes + graph);
}
