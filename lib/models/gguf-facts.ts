/** What the header of a GGUF file says about its model. Nothing of the weights is read. */
import { type ChatTemplate, chatTemplateOf } from "./chat-template.ts";
import { readGgufHeader } from "./gguf-header.ts";
import { HeaderBudget } from "./header-budget.ts";
import { type Metadata, numberIn, textIn, textsIn } from "./metadata.ts";
import { type ModelShape, shapeOf } from "./model-shape.ts";
import { type TensorInfo, valuesOf } from "./tensor-sizes.ts";

/** How an encoder turns its tokens into one vector (llama.cpp, `enum llama_pooling_type`). */
export const poolings = ["none", "mean", "cls", "last", "rank"] as const;
export type Pooling = (typeof poolings)[number];

/** What a file can be run with. */
export const fileEngines = ["llama-server", "whisper"] as const;
export type FileEngine = (typeof fileEngines)[number];

export interface GgufFacts {
  /** A projector gives eyes or ears to a model beside it; `other` is what cannot run alone, as an adapter. */
  kind: "model" | "projector" | "other";
  engine: FileEngine;
  architecture: string | null;
  /** What its makers call it. */
  name: string | null;
  license: string | null;
  /** What its page on the hub says that it is for, in lower case, as `sentence-similarity`. */
  tags: string[];
  /** As `Q4_K_M`. */
  quantization: string | null;
  /** What it was trained for, in tokens. */
  contextLength: number | null;
  parameters: number;
  /** Attention head size; where keys and values differ, the one that is no multiple of 32. */
  headSize: number | null;
  pooling: Pooling | null;
  /** It scores a query with a document instead of giving a vector. */
  rankHead: boolean;
  /** Words of its vocabulary that stand for sounds. */
  speechCodes: number;
  /** Null where it has none. */
  chatTemplate: ChatTemplate | null;
  /** What a projector adds. */
  vision: boolean;
  audio: boolean;
  /** What its memory depends on; null where llama-server does not run it. */
  shape: ModelShape | null;
}

/**
 * Reads the header of a local model.
 * @param file absolute path; of a split model the first part
 * @param laterParts absolute paths
 * @throws Error that says what is wrong with a file that is damaged, cut short, or no GGUF
 */
export async function readGgufFacts(file: string, laterParts: readonly string[] = []): Promise<GgufFacts> {
  const budget = new HeaderBudget();
  const { metadata, tensorInfos: tensors, speechCodes } = await readGgufHeader(file, budget);
  // One after the other: it is the disk that takes time.
  for (const part of laterParts)
    for (const tensor of (await readGgufHeader(part, budget)).tensorInfos) tensors.push(tensor);
  // Loaded on first use: it would add 30 ms to every start.
  const { GGMLFileQuantizationType, parseGGUFQuantLabel } = await import("@huggingface/gguf");
  const fileType = numberIn(metadata["general.file_type"]);
  const named = fileType === null ? undefined : GGMLFileQuantizationType[fileType];
  return {
    ...describe(metadata, tensors, speechCodes),
    quantization: named ?? parseGGUFQuantLabel(file) ?? null,
  };
}

/** The facts that the metadata holds. Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export function describe(
  metadata: Metadata,
  tensorInfos: readonly TensorInfo[],
  speechCodes = 0,
): Omit<GgufFacts, "quantization"> {
  const architecture = textIn(metadata["general.architecture"]);
  const of = (key: string) => numberIn(metadata[`${architecture}.${key}`]);
  const pooling = of("pooling_type");
  const hasTensor = (name: RegExp) => tensorInfos.some((tensor) => name.test(tensor.name));
  const sense = (flag: unknown, tensors: RegExp) => (typeof flag === "boolean" ? flag : hasTensor(tensors));
  const kind = kindOf(architecture, textIn(metadata["general.type"]));
  const isProjector = kind === "projector";
  return {
    kind,
    engine: "llama-server",
    architecture,
    name: textIn(metadata["general.name"])?.slice(0, 200) ?? null,
    license: textIn(metadata["general.license"])?.slice(0, 200) ?? null,
    tags: textsIn(metadata["general.tags"])
      .slice(0, 50)
      .map((tag) => tag.slice(0, 50).toLowerCase()),
    contextLength: of("context_length"),
    parameters: tensorInfos.reduce((sum, tensor) => sum + valuesOf(tensor), 0),
    headSize: headSizeOf(of),
    pooling: pooling === null ? null : (poolings[pooling] ?? null),
    rankHead: pooling === poolings.indexOf("rank") || hasTensor(/^cls\.output\.weight$/),
    speechCodes,
    chatTemplate: chatTemplateOf(metadata),
    vision: isProjector && sense(metadata["clip.has_vision_encoder"], /^v\./),
    audio: isProjector && sense(metadata["clip.has_audio_encoder"], /^a\./),
    shape: kind === "model" ? shapeOf(metadata, tensorInfos) : null,
  };
}

function kindOf(architecture: string | null, type: string | null): GgufFacts["kind"] {
  if (architecture === "clip" || type === "mmproj") return "projector";
  return architecture !== null && (type === null || type === "model") ? "model" : "other";
}

/** llama.cpp wants keys and values of a head to fill whole blocks of a quantised cache: 32 numbers for q8_0. */
function headSizeOf(of: (key: string) => number | null): number | null {
  const width = of("embedding_length");
  const heads = of("attention.head_count");
  const equal = width !== null && heads ? width / heads : null;
  const key = of("attention.key_length") ?? equal;
  const value = of("attention.value_length") ?? equal;
  return value !== null && value % 32 !== 0 ? value : key;
}
