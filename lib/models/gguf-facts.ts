/** What the header of a GGUF file says about its model. Nothing of the weights is read. */

/** How an encoder turns its tokens into one vector (llama.cpp, `enum llama_pooling_type`). */
export const poolings = ["none", "mean", "cls", "last", "rank"] as const;
export type Pooling = (typeof poolings)[number];

export interface GgufFacts {
  /** A projector gives eyes or ears to a model beside it; `other` is what cannot run alone, as an adapter. */
  kind: "model" | "projector" | "other";
  architecture: string | null;
  /** As `Q4_K_M`. */
  quantization: string | null;
  /** What it was trained for, in tokens. */
  contextLength: number | null;
  /** Of this file alone, where a model is split. */
  parameters: number;
  /** Attention head size; where keys and values differ, the one that is no multiple of 32. */
  headSize: number | null;
  pooling: Pooling | null;
  /** It scores a query with a document instead of giving a vector. */
  rankHead: boolean;
  /** What a projector adds. */
  vision: boolean;
  audio: boolean;
}

type Metadata = Record<string, unknown>;

/**
 * Reads the header of a local file. Costs about 0.1 s of CPU for each 50,000 words of vocabulary, so keep the result.
 * @param file absolute path
 * @throws Error that says what is wrong with a file that is damaged, cut short, or no GGUF
 */
export async function readGgufFacts(file: string): Promise<GgufFacts> {
  // Loaded on first use: it would add 30 ms to every start.
  const { GGMLFileQuantizationType, gguf, parseGGUFQuantLabel } = await import("@huggingface/gguf");
  const { stat } = await import("node:fs/promises");
  const { size } = await stat(file);
  const header = await gguf(file, { allowLocalFile: true, computeParametersCount: true });
  if (header.tensorInfos.some(({ offset }) => header.tensorDataOffset + offset >= size))
    throw new Error("it is cut short, its last weights are missing");
  // The library types the keys of known architectures; here any architecture is read alike.
  const metadata: Metadata = { ...header.metadata };
  const fileType = number(metadata["general.file_type"]);
  const named = fileType === null ? undefined : GGMLFileQuantizationType[fileType];
  return {
    ...describe(metadata, new Set(header.tensorInfos.map(({ name }) => name))),
    quantization: named ?? parseGGUFQuantLabel(file) ?? null,
    parameters: header.parameterCount,
  };
}

/** The facts that the metadata holds. Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export function describe(
  metadata: Metadata,
  tensorNames: ReadonlySet<string>,
): Omit<GgufFacts, "quantization" | "parameters"> {
  const architecture = text(metadata["general.architecture"]);
  const of = (key: string) => number(metadata[`${architecture}.${key}`]);
  const pooling = of("pooling_type");
  const rankHead = pooling === poolings.indexOf("rank") || tensorNames.has("cls.output.weight");
  return {
    kind: kindOf(architecture, text(metadata["general.type"])),
    architecture,
    contextLength: of("context_length"),
    headSize: headSizeOf(of),
    pooling: pooling === null ? null : (poolings[pooling] ?? null),
    rankHead,
    vision: metadata["clip.has_vision_encoder"] === true,
    audio: metadata["clip.has_audio_encoder"] === true,
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

/** Some keys hold one number a layer: the first that is not zero stands for them. */
function number(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return number(value.find((entry) => Number(entry) > 0));
  return null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
