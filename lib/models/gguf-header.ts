/**
 * Reads the header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). `@huggingface/gguf` makes
 * an object of every word of a vocabulary, which keeps the event loop busy for half a second at a time; here words are
 * stepped over, and a header costs milliseconds. gguf-header.test.ts holds the two against each other.
 */
import { CutShort, FileReader } from "./file-reader.ts";
import type { Metadata } from "./metadata.ts";
import { isSpeechCode } from "./speech-codes.ts";
import { bytesOf, type TensorInfo, valuesOf } from "./tensor-sizes.ts";

export interface GgufHeader {
  /** Lists of more than 1,024 entries are not kept: they stand as `{length}`. */
  metadata: Metadata;
  tensorInfos: TensorInfo[];
  /** Words of the vocabulary that stand for a piece of sound. */
  speechCodes: number;
}

/** Far above any real model, and low enough that a damaged file costs nothing. */
const most = { entries: 100_000, tensors: 1_000_000, stringBytes: 8 << 20, list: 1 << 24, dimensions: 8 };
const keptListLength = 1_024;
const tokensKey = "tokenizer.ggml.tokens";

/** Bytes of the value types that have a size, by their numbers. */
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8] as const;
const stringType = 8;
const listType = 9;

/**
 * @param file absolute path
 * @throws Error that says what is wrong with a file that is damaged, cut short, or no GGUF
 */
export function readGgufHeader(file: string): Promise<GgufHeader> {
  return FileReader.with(file, async (reader) => {
    try {
      return await readHeader(reader);
    } catch (error) {
      if (error instanceof CutShort) throw new Error("it is cut short within its header");
      throw error;
    }
  });
}

async function readHeader(reader: FileReader): Promise<GgufHeader> {
  await reader.has(24);
  if (reader.bytes(4).toString("latin1") !== "GGUF") throw new Error("it does not begin as a GGUF file does");
  const version = reader.uint32();
  if (version !== 2 && version !== 3) throw new Error(wrongVersion(version));
  const tensorCount = bounded(reader.uint64(), most.tensors, "tensors");
  const entryCount = bounded(reader.uint64(), most.entries, "entries");
  const metadata: Record<string, unknown> = {};
  const words = { speechCodes: 0 };
  for (let entry = 0; entry < entryCount; entry++) {
    const key = await readString(reader);
    await reader.has(4);
    metadata[key] = await readValue(reader, reader.uint32(), key === tokensKey ? words : null);
  }
  const tensorInfos: TensorInfo[] = [];
  for (let tensor = 0; tensor < tensorCount; tensor++) tensorInfos.push(await readTensor(reader));
  checkEnd(reader, metadata, tensorInfos);
  return { metadata, tensorInfos, speechCodes: words.speechCodes };
}

function wrongVersion(version: number): string {
  // A small number in its upper half is one of the other byte order.
  if (version !== 0 && (version & 0xffff) === 0) return "it is made for big-endian machines";
  return `it has version ${version} of the format, and llama.cpp reads 2 and 3`;
}

async function readTensor(reader: FileReader): Promise<TensorInfo> {
  const name = await readString(reader);
  await reader.has(4);
  const dimensions = bounded(BigInt(reader.uint32()), most.dimensions, "dimensions");
  await reader.has(8 * dimensions + 12);
  const shape = Array.from({ length: dimensions }, () => reader.uint64());
  return { name, shape, dtype: reader.uint32(), offset: reader.uint64() };
}

async function readString(reader: FileReader): Promise<string> {
  await reader.has(8);
  const length = bounded(reader.uint64(), most.stringBytes, "characters");
  await reader.has(length);
  return reader.bytes(length).toString("utf8");
}

async function readValue(
  reader: FileReader,
  type: number,
  words: { speechCodes: number } | null,
  depth = 0,
): Promise<unknown> {
  if (type === stringType) return readString(reader);
  if (type !== listType) {
    await reader.has(scalarSize(type));
    return readScalar(reader, type);
  }
  if (depth > 3) throw new Error("its lists are nested too deep");
  await reader.has(12);
  const entryType = reader.uint32();
  const length = bounded(reader.uint64(), most.list, "list entries");
  if (entryType === stringType && length > keptListLength) return stepOverStrings(reader, length, words);
  if (entryType !== listType && length > keptListLength) {
    reader.skip(length * scalarSize(entryType));
    return { length };
  }
  const list: unknown[] = [];
  for (let entry = 0; entry < length; entry++) list.push(await readValue(reader, entryType, null, depth + 1));
  return list;
}

/** Waits once a megabyte, not once a string. */
async function stepOverStrings(
  reader: FileReader,
  length: number,
  words: { speechCodes: number } | null,
): Promise<{ length: number }> {
  for (let entry = 0; entry < length; entry++) {
    if (!reader.holds(8)) await reader.has(8);
    const bytes = bounded(reader.uint64(), most.stringBytes, "characters");
    if (!words || bytes > 64) reader.skip(bytes);
    else {
      if (!reader.holds(bytes)) await reader.has(bytes);
      if (isSpeechCode(reader.bytes(bytes))) words.speechCodes++;
    }
  }
  return { length };
}

function scalarSize(type: number): number {
  const size = scalarBytes[type];
  if (size) return size;
  throw new Error(`its header has a value of the unknown type ${type}`);
}

function readScalar(reader: FileReader, type: number): number | bigint | boolean {
  const bytes = reader.bytes(scalarSize(type));
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}

function bounded(value: bigint, limit: number, what: string): number {
  if (value <= BigInt(limit)) return Number(value);
  throw new Error(`its header promises ${value} ${what}`);
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
