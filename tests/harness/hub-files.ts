/** Files for the local hub: any size, the same bytes each time, and nothing of them in memory but one block. */
import { createHash } from "node:crypto";

export interface ServedFile {
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
  /** Bytes from `start` up to `end`. */
  read(start: number, end: number): Buffer;
}

const blockBytes = 1024 * 1024;

/** A GGUF file without metadata and tensors: what follows its header is nobody's. */
const header = Buffer.concat([Buffer.from("GGUF"), Buffer.from([3, 0, 0, 0]), Buffer.alloc(16)]);

/** A GGUF header and then bytes that differ from file to file and from block to block, so that nothing can stand in a wrong place. */
export function servedFile(sizeBytes: number, seed = sizeBytes): ServedFile {
  const block = pseudoRandom(seed);
  const read = (start: number, end: number) => readBlocks(block, start, Math.min(end, sizeBytes));
  const hash = createHash("sha256");
  for (let at = 0; at < sizeBytes; at += blockBytes) hash.update(read(at, at + blockBytes));
  return { sizeBytes, sha256: hash.digest("hex"), read };
}

/** A file of these bytes. */
export function servedBytes(bytes: Buffer): ServedFile {
  return {
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    read: (start, end) => bytes.subarray(start, end),
  };
}

function readBlocks(block: Buffer, start: number, end: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = start; at < end; ) {
    const number = Math.floor(at / blockBytes);
    const from = at - number * blockBytes;
    const to = Math.min(blockBytes, from + end - at);
    const piece = Buffer.from(block.subarray(from, to));
    // A block begins with its number, and the first one with the header.
    const start = number === 0 ? header : Buffer.from(Uint32Array.of(number).buffer);
    if (from < start.length) start.copy(piece, 0, from);
    pieces.push(piece);
    at += to - from;
  }
  return Buffer.concat(pieces);
}

/** xorshift32 */
function pseudoRandom(seed: number): Buffer {
  const words = new Uint32Array(blockBytes / 4);
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state >>> 0;
  }
  return Buffer.from(words.buffer);
}
