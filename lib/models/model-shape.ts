/** What of a model decides how much memory it takes: plain numbers from the header of its file. */
import { lengthOf, type Metadata, numberIn, numbersPerLayer, textIn } from "./metadata.ts";
import { type RecurrentState, recurrentState } from "./recurrent-state.ts";
import { windowedLayers } from "./sliding-window.ts";
import { bytesOf, type TensorInfo } from "./tensor-sizes.ts";

export type { RecurrentState, TensorInfo };

/** Numbers are 0 where the header does not say; lists have one entry for each layer. */
export interface ModelShape {
  architecture: string | null;
  layers: number;
  embeddingLength: number;
  /** Attention heads; where layers differ, those of the first that has any. */
  heads: number;
  /** Heads whose keys and values are cached; 0 for a layer that caches none. */
  kvHeadsPerLayer: number[];
  /** Numbers a head caches for the key of each token. */
  keyLength: number;
  /** The same for values; 0 where only keys are cached, as with latent attention (DeepSeek). */
  valueLength: number;
  vocabularySize: number;
  feedForwardLength: number;
  /** All weights of the file. */
  weightsBytes: number;
  /** Weights of each block. */
  perLayerBytes: number[];
  /** Tables that tokens are looked up in. */
  embeddingBytes: number;
  /** What turns the last layer into words; 0 where the embedding table does that too. */
  outputBytes: number;
  expertCount: number | null;
  expertUsedCount: number | null;
  /** Tokens that windowed layers look back; null where all layers see everything. */
  slidingWindow: number | null;
  /** Which layers see the window alone; null where there is none, or where it is not known. */
  swaLayers: boolean[] | null;
  /** Null for a model that keeps nothing but a KV cache. */
  recurrent: RecurrentState | null;
  /** It reads a text as a whole and keeps no KV cache. */
  isEncoder: boolean;
}

/** Architectures without a KV cache (llama-model.cpp, `create_memory`), among them those that write by diffusion. */
const cacheless = /^(.*bert.*|gemma-embedding|llama-embed|t5encoder|wavtokenizer-dec|dream|llada.*|rnd1)$/;
/** They cache keys alone without saying so in their headers (llama-kv-cache-dsv4.cpp). */
const keysOnly: readonly string[] = ["deepseek4"];

/**
 * The shape of a model.
 * @param metadata of the file, or of the first part of a split one
 * @param tensorInfos of all parts
 */
export function shapeOf(metadata: Metadata, tensorInfos: readonly TensorInfo[]): ModelShape {
  const architecture = textIn(metadata["general.architecture"]);
  const value = (key: string) => metadata[`${architecture}.${key}`];
  const number = (key: string) => numberIn(value(key));
  const layers = layerCount(number("block_count"));
  const embeddingLength = number("embedding_length") ?? 0;
  const heads = number("attention.head_count") ?? 0;
  const headLength = heads > 0 ? Math.floor(embeddingLength / heads) : 0;
  const isLatent = Boolean(number("attention.key_length_mla") && number("attention.value_length_mla"));
  const hasValues = !isLatent && !keysOnly.includes(architecture ?? "");
  const names = new Set(tensorInfos.map(({ name }) => name));
  const slidingWindow = number("attention.sliding_window") || null;
  return {
    architecture,
    layers,
    embeddingLength,
    heads,
    kvHeadsPerLayer: kvHeads(metadata, architecture, layers, names),
    keyLength: number("attention.key_length") ?? headLength,
    valueLength: hasValues ? (number("attention.value_length") ?? headLength) : 0,
    vocabularySize: vocabularySize(number("vocab_size"), metadata),
    feedForwardLength: number("feed_forward_length") ?? 0,
    ...weights(tensorInfos, layers),
    expertCount: number("expert_count") || null,
    expertUsedCount: number("expert_used_count") || null,
    slidingWindow,
    swaLayers:
      slidingWindow === null
        ? null
        : windowedLayers(architecture, value("attention.sliding_window_pattern"), layers),
    recurrent: recurrentState(metadata, layers, names),
    isEncoder: value("attention.causal") === false || cacheless.test(architecture ?? ""),
  };
}

/** A damaged header must not make us count to a billion. */
function layerCount(named: number | null): number {
  return Math.min(Math.max(0, Math.trunc(named ?? 0)), 10_000);
}

function kvHeads(
  metadata: Metadata,
  architecture: string | null,
  layers: number,
  names: ReadonlySet<string>,
): number[] {
  const value = (key: string) => metadata[`${architecture}.attention.${key}`];
  const named = numbersPerLayer(value("head_count_kv") ?? value("head_count"), layers);
  // The last layers of some models look into the caches of those before them (gemma3n, gemma4).
  const owning = layers - (numberIn(value("shared_kv_layers")) ?? 0);
  return (named ?? new Array<number>(layers).fill(0)).map((heads, layer) =>
    layer < owning && attends(layer, names) ? heads : 0,
  );
}

/** Layers of hybrid models have either attention or a recurrent state, or both (falcon-h1). */
function attends(layer: number, names: ReadonlySet<string>): boolean {
  const has = (part: string) => names.has(`blk.${layer}.${part}.weight`);
  if (has("attn_k") || has("attn_kv_a_mqa")) return true;
  return !["ssm_conv1d", "ssm_out", "time_mix_key", "shortconv.conv", "ssm_conv1d_k"].some(has);
}

function vocabularySize(named: number | null, metadata: Metadata): number {
  return lengthOf(metadata["tokenizer.ggml.tokens"]) ?? named ?? 0;
}

type Weights = Pick<ModelShape, "weightsBytes" | "perLayerBytes" | "embeddingBytes" | "outputBytes">;

function weights(tensorInfos: readonly TensorInfo[], layers: number): Weights {
  const sums: Weights = {
    weightsBytes: 0,
    perLayerBytes: new Array<number>(layers).fill(0),
    embeddingBytes: 0,
    outputBytes: 0,
  };
  for (const [index, tensor] of tensorInfos.entries()) {
    const bytes = bytesOf(tensor) ?? bytesUpTo(tensorInfos[index + 1], tensor);
    sums.weightsBytes += bytes;
    const layer = Number(/^blk\.(\d+)\./.exec(tensor.name)?.[1] ?? -1);
    if (layer >= 0 && layer < layers) sums.perLayerBytes[layer] = (sums.perLayerBytes[layer] ?? 0) + bytes;
    else if (/^(token_embd|per_layer_token_embd|position_embd|token_types)[._]/.test(tensor.name))
      sums.embeddingBytes += bytes;
    else if (/^(output|cls)[._]/.test(tensor.name)) sums.outputBytes += bytes;
  }
  return sums;
}

/** For a type that is not known yet: tensors lie one behind the other. */
function bytesUpTo(next: TensorInfo | undefined, tensor: TensorInfo): number {
  return next && next.offset > tensor.offset ? Number(next.offset - tensor.offset) : 0;
}
