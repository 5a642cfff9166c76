/**
 * Reads the header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). `@huggingface/gguf` makes
 * an object of every word of a vocabulary, which keeps the event loop busy for half a second at a time; here words are
 * stepped over, and a header costs milliseconds. gguf-header.test.ts holds the two against each other.
 */
import { CutShort, FileReader } from "./file-reader.ts";
import { bounded, type HeaderSource, need, readString, readValue, stepOver } from "./gguf-values.ts";
import { HeaderBudget } from "./header-budget.ts";
import type { Metadata } from "./metadata.ts";
import { bytesOf, type TensorInfo, valuesOf } from "./tensor-sizes.ts";

export interface GgufHeader {
  /**
   * Lists of lists, lists of more than 1,024 entries, and those of the tokenizer stand as `{length}`; texts of the
   * tokenizer but for its chat templates are not kept.
   */
  metadata: Metadata;
  tensorInfos: TensorInfo[];
  /** Words of the vocabulary that stand for a piece of sound. */
  speechCodes: number;
}

/** Far above any real model, and low enough that a damaged file costs nothing. */
const most = { entries: 100_000, tensors: 1_000_000, dimensions: 8 };
/** What an entry or a tensor takes beside its texts and numbers. */
const entryBytes = 100;
const tensorBytes = 200;

const tokenizer = /^tokenizer\./;
const tokensKey = "tokenizer.ggml.tokens";
const chatTemplate = /^tokenizer\.chat_template(\.tool_use)?$/;

/**
 * @param file absolute path
 * @param budget what may be kept of it
 * @throws Error that says what is wrong with a file that is damaged, cut short, too large to be kept, or no GGUF
 */
export function readGgufHeader(file: string, budget = new HeaderBudget()): Promise<GgufHeader> {
  return FileReader.with(file, async (reader) => {
    try {
      return await readHeader({ reader, budget });
    } catch (error) {
      if (error instanceof CutShort) throw new Error("it is cut short within its header");
      throw error;
    }
  });
}

async function readHeader(source: HeaderSource): Promise<GgufHeader> {
  const { reader, budget } = source;
  await reader.has(24);
  if (reader.bytes(4).toString("latin1") !== "GGUF") throw new Error("it does not begin as a GGUF file does");
  const version = reader.uint32();
  if (version !== 2 && version !== 3) throw new Error(wrongVersion(version));
  const tensorCount = bounded(reader.uint64(), most.tensors, "tensors");
  const entryCount = bounded(reader.uint64(), most.entries, "entries");
  const metadata: Record<string, unknown> = {};
  const words = { speechCodes: 0 };
  for (let entry = 0; entry < entryCount; entry++) {
    budget.take(entryBytes);
    const key = await readString(source);
    await need(reader, 4);
    const type = reader.uint32();
    const isKept = !tokenizer.test(key) || chatTemplate.test(key);
    const value = isKept
      ? await readValue(source, type)
      : await stepOver(source, type, key === tokensKey ? words : null);
    if (value !== undefined) metadata[key] = value;
  }
  const tensorInfos: TensorInfo[] = [];
  for (let tensor = 0; tensor < tensorCount; tensor++) tensorInfos.push(await readTensor(source));
  checkEnd(reader, metadata, tensorInfos);
  return { metadata, tensorInfos, speechCodes: words.speechCodes };
}

function wrongVersion(version: number): string {
  // A small number in its upper half is one of the other byte order.
  if (version !== 0 && (version & 0xffff) === 0) return "it is made for big-endian machines";
  return `it has version ${version} of the format, and llama.cpp reads 2 and 3`;
}

async function readTensor(source: HeaderSource): Promise<TensorInfo> {
  const { reader, budget } = source;
  budget.take(tensorBytes);
  const name = await readString(source);
  await need(reader, 4);
  const dimensions = bounded(BigInt(reader.uint32()), most.dimensions, "dimensions");
  await need(reader, 8 * dimensions + 12);
  const shape = Array.from({ length: dimensions }, () => reader.uint64());
  return { name, shape, dtype: reader.uint32(), offset: reader.uint64() };
}

/** All weights have to be in the file: of a type that is not known, at least a bit for each. */
function checkEnd(reader: FileReader, metadata: Metadata, tensorInfos: readonly TensorInfo[]): void {
  const alignment = Number(metadata["general.alignment"] ?? 32);
  if (!Number.isInteger(alignment) || alignment <= 0) throw new Error("its alignment is no number");
  const start = Math.ceil(reader.position / alignment) * alignment;
  const ends = tensorInfos.map((tensor) => {
    return start + Number(tensor.offset) + (bytesOf(tensor) ?? Math.ceil(valuesOf(tensor) / 8));
  });
  const end = ends.reduce((latest, one) => Math.max(latest, one), 0);
  if (end > reader.sizeBytes)
    throw new Error(`it is cut short: ${reader.sizeBytes} of ${end} bytes are there`);
}
