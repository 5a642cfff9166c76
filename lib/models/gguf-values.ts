/** Reads values of a GGUF header, or steps over those that nobody asks for. */
import type { FileReader } from "./file-reader.ts";
import { type HeaderBudget, headerTooLarge } from "./header-budget.ts";
import { isSpeechCode } from "./speech-codes.ts";

/** Where values are read from, and what may be kept of them. */
export interface HeaderSource {
  reader: FileReader;
  budget: HeaderBudget;
}

/** Where words that stand for a piece of sound are counted. */
export interface WordCount {
  speechCodes: number;
}

/** Stands for a list that is not kept. */
export interface ListLength {
  length: number;
}

/** Far above any real model, and low enough that a damaged file costs nothing. */
const most = { stringBytes: 8 << 20, list: 1 << 24, headerBytes: 1 << 28, nested: 4 };
const keptListLength = 1_024;
/** What a value takes beside its own bytes. */
const valueBytes = 32;

/** Bytes of the value types that have a size, by their numbers. */
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8] as const;
const stringType = 8;
const listType = 9;

/** Makes as many bytes of the header readable. @throws Error where the header goes on beyond all measure */
export async function need(reader: FileReader, bytes: number): Promise<void> {
  if (reader.holds(bytes)) return;
  if (reader.position > most.headerBytes) throw headerTooLarge();
  await reader.has(bytes);
}

/** @throws Error that says what is promised */
export function bounded(value: bigint, limit: number, what: string): number {
  if (value <= BigInt(limit)) return Number(value);
  throw new Error(`its header promises ${value} ${what}`);
}

export async function readString({ reader, budget }: HeaderSource): Promise<string> {
  await need(reader, 8);
  const length = bounded(reader.uint64(), most.stringBytes, "characters");
  budget.take(valueBytes + length);
  await need(reader, length);
  return reader.bytes(length).toString("utf8");
}

/** Of lists of lists, and of lists of more than 1,024 entries, the length alone. */
export async function readValue(source: HeaderSource, type: number): Promise<unknown> {
  const { reader } = source;
  if (type === stringType) return readString(source);
  if (type !== listType) return readScalar(source, type);
  await need(reader, 12);
  const entryType = reader.uint32();
  const length = bounded(reader.uint64(), most.list, "list entries");
  if (entryType === listType || length > keptListLength) return stepOverList(reader, entryType, length, null);
  const list: unknown[] = [];
  for (let entry = 0; entry < length; entry++) list.push(await readValue(source, entryType));
  return list;
}

/**
 * Of a list the length, a number all the same, and of a text nothing.
 * @param words where the words of a list are to be looked at
 */
export async function stepOver(
  source: HeaderSource,
  type: number,
  words: WordCount | null,
): Promise<ListLength | number | bigint | boolean | undefined> {
  const { reader } = source;
  if (type === stringType) {
    await need(reader, 8);
    reader.skip(bounded(reader.uint64(), most.headerBytes, "characters"));
    return undefined;
  }
  if (type !== listType) return readScalar(source, type);
  await need(reader, 12);
  const entryType = reader.uint32();
  return stepOverList(reader, entryType, bounded(reader.uint64(), most.list, "list entries"), words);
}

/** Waits once a megabyte, not once an entry, and keeps nothing of any. */
async function stepOverList(
  reader: FileReader,
  type: number,
  length: number,
  words: WordCount | null,
): Promise<ListLength> {
  const open = [{ type, left: length }];
  for (let list = open.at(-1); list; list = open.at(-1)) {
    if (list.left === 0) open.pop();
    else if (list.type === listType) {
      list.left--;
      if (!reader.holds(12)) await need(reader, 12);
      if (open.length >= most.nested) throw new Error("its lists are nested too deep");
      open.push({ type: reader.uint32(), left: bounded(reader.uint64(), most.list, "list entries") });
    } else {
      if (list.type === stringType) await stepOverWords(reader, list.left, words);
      else reader.skip(list.left * scalarSize(list.type));
      list.left = 0;
    }
  }
  return { length };
}

async function stepOverWords(reader: FileReader, count: number, words: WordCount | null): Promise<void> {
  for (let word = 0; word < count; word++) {
    if (!reader.holds(8)) await need(reader, 8);
    const bytes = bounded(reader.uint64(), most.stringBytes, "characters");
    if (!words || bytes > 64) reader.skip(bytes);
    else {
      if (!reader.holds(bytes)) await need(reader, bytes);
      if (isSpeechCode(reader.bytes(bytes))) words.speechCodes++;
    }
  }
}

function scalarSize(type: number): number {
  const size = scalarBytes[type];
  if (size) return size;
  throw new Error(`its header has a value of the unknown type ${type}`);
}

async function readScalar(
  { reader, budget }: HeaderSource,
  type: number,
): Promise<number | bigint | boolean> {
  budget.take(valueBytes);
  await need(reader, scalarSize(type));
  return scalarIn(reader.bytes(scalarSize(type)), type);
}

function scalarIn(bytes: Buffer, type: number): number | bigint | boolean {
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
