/**
 * The header of a Whisper model in whisper.cpp's own format, `ggml-*.bin`, which is no GGUF: whisper.cpp,
 * `whisper_model_load`. Numbers are 32-bit, little-endian, without names.
 */
import { CutShort, FileReader } from "./file-reader.ts";
import type { GgufFacts } from "./gguf-facts.ts";
import { bytesOf, type TensorInfo, valuesOf } from "./tensor-sizes.ts";

const magic = 0x67676d6c;
/** Whisper's vocabularies: English alone has 51,864 words, later ones one more for each language. */
const vocabulary = { english: 51_864, most: 52_000 };
/** By the layers of the encoder. */
const sizes: Readonly<Record<number, string>> = {
  4: "tiny",
  6: "base",
  12: "small",
  24: "medium",
  32: "large",
};
/** `ftype` of ggml: what most weights are kept as. Its thousands count versions. */
const precisions: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K",
  12: "Q4_K",
  13: "Q5_K",
  14: "Q6_K",
};

/** What such a file has nothing of. */
const nothing: GgufFacts = {
  kind: "model",
  engine: "whisper",
  architecture: null,
  name: null,
  license: null,
  tags: [],
  quantization: null,
  contextLength: null,
  parameters: 0,
  headSize: null,
  pooling: null,
  rankHead: false,
  speechCodes: 0,
  chatTemplate: null,
  vision: false,
  audio: false,
  shape: null,
};

interface Sizes {
  vocabulary: number;
  audioContext: number;
  audioLayers: number;
  textContext: number;
  textLayers: number;
  precision: number;
}

/**
 * @param file absolute path
 * @returns facts of the kind `other` for a model of ggml's that is no Whisper
 * @throws Error that says what is wrong with a file that is damaged or cut short
 */
export function readWhisperFacts(file: string): Promise<GgufFacts> {
  return FileReader.with(file, async (reader) => {
    try {
      const sizes = await readSizes(reader);
      // As the small models that only find out whether somebody speaks.
      if (sizes === null) return { ...nothing, kind: "other" };
      await skipWords(reader);
      return describe(sizes, await readTensors(reader));
    } catch (error) {
      if (error instanceof CutShort) throw new Error("it is cut short");
      throw error;
    }
  });
}

function describe(header: Sizes, tensors: readonly TensorInfo[]): GgufFacts {
  // whisper.cpp's table of tensors, `whisper_model_load`.
  const wanted = 11 + 15 * header.audioLayers + 24 * header.textLayers;
  if (tensors.length < wanted)
    throw new Error(`it is cut short: ${tensors.length} of ${wanted} weights are there`);
  return {
    ...nothing,
    architecture: "whisper",
    name: `Whisper ${nameOf(header)}`,
    quantization: precisions[header.precision % 1000] ?? null,
    contextLength: header.textContext,
    parameters: tensors.reduce((sum, tensor) => sum + valuesOf(tensor), 0),
  };
}

function nameOf({ audioLayers, textLayers, vocabulary: words }: Sizes): string {
  const size = sizes[audioLayers] ?? `of ${audioLayers} layers`;
  // Turbo and the distilled ones have fewer layers that write than layers that listen.
  const short = textLayers < audioLayers ? ` (${textLayers} layers write)` : "";
  return `${size}${words === vocabulary.english ? ", English" : ""}${short}`;
}

async function readSizes(reader: FileReader): Promise<Sizes | null> {
  await reader.has(12 * 4);
  if (reader.uint32() !== magic) throw new Error("it does not begin as a Whisper file does");
  const numbers = Array.from({ length: 11 }, () => reader.uint32());
  const [words = 0, audioContext = 0, , , audioLayers = 0] = numbers;
  const [textContext = 0, , , textLayers = 0, mels = 0, precision = 0] = numbers.slice(5);
  const isWhisper =
    words >= vocabulary.english && words <= vocabulary.most && [80, 128].includes(mels) && audioLayers <= 64;
  if (!isWhisper || textLayers > 64) return null;
  return { vocabulary: words, audioContext, audioLayers, textContext, textLayers, precision };
}

/** The filters of the spectrum, then the vocabulary. */
async function skipWords(reader: FileReader): Promise<void> {
  await reader.has(8);
  reader.skip(4 * reader.uint32() * reader.uint32());
  await reader.has(4);
  const words = reader.uint32();
  for (let word = 0; word < words; word++) {
    if (!reader.holds(4)) await reader.has(4);
    reader.skip(reader.uint32());
  }
}

/** Each tensor's head stands before its weights, which are stepped over. */
async function readTensors(reader: FileReader): Promise<TensorInfo[]> {
  const tensors: TensorInfo[] = [];
  while (reader.position < reader.sizeBytes) {
    await reader.has(12);
    const [dimensions, nameLength, dtype] = [reader.uint32(), reader.uint32(), reader.uint32()];
    if (dimensions > 4 || nameLength > 200) throw new Error("its weights are not where they should be");
    await reader.has(4 * dimensions + nameLength);
    const shape = Array.from({ length: dimensions }, () => BigInt(reader.uint32()));
    const name = reader.bytes(nameLength).toString("latin1");
    const bytes = bytesOf({ shape, dtype });
    if (bytes === null) throw new Error(`its weights are of the unknown type ${dtype}`);
    tensors.push({ name, shape, dtype, offset: BigInt(reader.position) });
    reader.skip(bytes);
  }
  return tensors;
}
