/**
 * What of the weights is in memory twice. Without a GPU llama.cpp copies matrices into a form that suits the processor
 * ("CPU_REPACK model buffer", "AMX model buffer") while the file stays mapped. Sources: ggml-cpu/repack.cpp
 * (ggml_repack_get_optimal_repack_type) and ggml-cpu/amx/amx.cpp (supports_op) of llama.cpp b11429.
 */
import type { Processor } from "../machine/types.ts";
import type { ModelShape } from "../models/model-shape.ts";

/**
 * The part of a model's matrices that is copied, by its quantisation. Mixtures have other types for some matrices: the
 * Q4_K part of a Q4_K_M is four fifths (8B: 3,204 of 4,003 MiB), that of a Q4_K_S nearly all.
 */
const byProcessor: Readonly<Record<Processor, readonly [RegExp, number][]>> = {
  amx: [[/^(Q4_0|Q4_1|Q8_0|Q4_K.*|Q5_K.*|Q6_K|IQ4_XS|IQ4_NL|MXFP4.*|F16)$/, 1]],
  avx512: [
    [/^(Q4_0|IQ4_NL|MXFP4.*|Q4_K_S)$/, 1],
    [/^Q4_K(_M)?$/, 0.8],
    [/^Q2_K(_S)?$/, 0.5],
  ],
  avx2: [
    [/^(Q4_0|IQ4_NL|MXFP4.*|Q4_K_S)$/, 1],
    [/^Q4_K(_M)?$/, 0.8],
  ],
  arm: [[/^(Q4_0|Q8_0|IQ4_NL|MXFP4.*|Q4_K.*|Q5_K.*|Q6_K)$/, 1]],
  other: [],
};

/** Only there a table of words that is also the output is copied: its type is among those that AMX and ARM take. */
const copiesTables: readonly Processor[] = ["amx", "arm"];

/** AMX keeps sums beside the numbers: 95.3 MiB for 92.1 of SmolLM2-135M as Q4_1. */
const growth: Partial<Record<Processor, number>> = { amx: 1.035 };

export interface WeightCopies {
  /** Memory that is taken besides the mapped file. */
  copiedBytes: number;
  /** Of the mapped file: what is not looked at again, so that the system can take it back unless it is locked. */
  originalsBytes: number;
}

/** @param cpuLayers how many layers the processor computes; the first ones */
export function weightCopies(
  shape: ModelShape,
  quantization: string | null,
  processor: Processor,
  cpuLayers: number,
): WeightCopies {
  const rules = byProcessor[processor];
  const share = rules.find(([types]) => types.test(quantization ?? ""))?.[1] ?? 0;
  const layers = shape.perLayerBytes.slice(0, cpuLayers).reduce((sum, bytes) => sum + bytes, 0);
  const hasOutput = cpuLayers >= shape.layers && share > 0;
  // The output of mixtures is Q6_K.
  const outputShare = copiesTables.includes(processor) || !quantization?.includes("_K") ? share : 0;
  const output = hasOutput ? outputShare * shape.outputBytes : 0;
  // A norm alone may count as output.
  const hasOwnOutput = shape.outputBytes > shape.embeddingBytes / 10;
  const isTied = hasOutput && !hasOwnOutput && !shape.isEncoder && copiesTables.includes(processor);
  const factor = growth[processor] ?? 1;
  return {
    copiedBytes: Math.round((share * layers + output + (isTied ? shape.embeddingBytes : 0)) * factor),
    originalsBytes: Math.round(share * layers + output),
  };
}
