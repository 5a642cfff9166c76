/** What recurrent and hybrid models keep of each sequence beside, or instead of, a KV cache. */
import { type Metadata, numberIn, textIn } from "./metadata.ts";

export interface RecurrentState {
  /** Which layers keep such a state. */
  layers: boolean[];
  /** Bytes that one such layer keeps for one sequence, however long that is; always 32-bit numbers. */
  bytesPerLayer: number;
}

const bytesPerNumber = 4;

/** What marks a layer with a state: the convolution of Mamba and its like, RWKV's mixing, LFM2's short convolution. */
const marks = ["ssm_conv1d", "ssm_conv1d_k", "ssm_out", "time_mix_key", "shortconv.conv"];

/** @param tensorNames of all parts of the model */
export function recurrentState(
  metadata: Metadata,
  layers: number,
  tensorNames: ReadonlySet<string>,
): RecurrentState | null {
  const numbers = stateNumbers(metadata);
  if (numbers === 0) return null;
  const keeping = Array.from({ length: layers }, (_, layer) =>
    marks.some((mark) => tensorNames.has(`blk.${layer}.${mark}.weight`)),
  );
  return keeping.includes(true) ? { layers: keeping, bytesPerLayer: numbers * bytesPerNumber } : null;
}

/** llama-hparams.cpp, `n_embd_r` (what the convolution or the token shift remembers) and `n_embd_s` (the state). */
function stateNumbers(metadata: Metadata): number {
  const architecture = textIn(metadata["general.architecture"]);
  const of = (key: string) => numberIn(metadata[`${architecture}.${key}`]) ?? 0;
  const width = of("embedding_length");
  if (of("wkv.head_size") > 0) return width * (of("token_shift_count") || 2) + width * of("wkv.head_size");
  if (of("shortconv.l_cache") > 0) return width * (of("shortconv.l_cache") - 1);
  const remembered = Math.max(0, of("ssm.conv_kernel") - 1);
  if (of("kda.head_dim") > 0) {
    const inner = of("attention.head_count") * of("kda.head_dim");
    return 3 * remembered * inner + inner * of("kda.head_dim");
  }
  const inner = of("ssm.inner_size");
  const state = of("ssm.state_size");
  return remembered * (inner + 2 * of("ssm.group_count") * state) + inner * state;
}
