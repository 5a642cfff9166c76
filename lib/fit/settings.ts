/** What of a load decides how much memory it takes. */
import type { Processor } from "../machine/types.ts";

export interface FitSettings {
  /** Tokens per request. */
  ctxSize: number;
  parallel: number;
  /** Prompt tokens that are computed at once (`--ubatch-size`). */
  batchSize: number;
  /** As `q8_0`. */
  cacheTypeK: string;
  cacheTypeV: string;
  flashAttention: boolean;
  /** Model files are locked in memory, and the system allows it. */
  isLocked: boolean;
  /** Layers on the GPU; 0 where there is none. One more than the model has puts its output there too. */
  gpuLayers: number;
  /** The GPU shares the machine's memory, so that nothing is there twice. */
  unifiedGpu: boolean;
  processor: Processor;
  /** As `Q4_K_M`; null where unknown. */
  quantization: string | null;
  /** Size of the projector's file; 0 without one. */
  projectorFileBytes: number;
  /** The projector takes sounds. */
  hearsSound: boolean;
  /** Files of models that are loaded beside it, as one that guesses ahead. */
  besideFileBytes: number;
  /** The most that prompts may take that are kept because they may come again. */
  promptCacheBytes: number;
}
