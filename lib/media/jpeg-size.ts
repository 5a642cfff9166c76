/**
 * The size of a JPEG, found by walking its segments as decoders do. Of image-size 2.1.0 it is not asked: that looks for a
 * frame byte by byte, for 2 s in 20 MB of zeros, and may settle on another one than the decoder that comes after it.
 */
import type { ReadBytes } from "./bytes.ts";
import type { PixelSize } from "./image-header.ts";

/** Pictures of cameras have some dozens, most of them parts of a colour profile or of a preview. */
const maxSegments = 1_000;
/** What some writers leave between two segments. */
const maxGapBytes = 1_024;
/** Of a frame's head: its code, its length, the bits of a sample, its height and its width. */
const frameHeadBytes = 8;

/** Null where no frame comes before the pixels, or not within bounds. */
export function jpegSize(read: ReadBytes): PixelSize | null {
  let offset = 2;
  for (let segment = 0; segment < maxSegments; segment++) {
    const head = nextSegment(read, offset);
    if (!head) return null;
    const { start, bytes } = head;
    const code = bytes.readUInt8(0);
    if (isFrame(code)) return { height: bytes.readUInt16BE(4), width: bytes.readUInt16BE(6) };
    const length = bytes.readUInt16BE(1);
    if (length < 2 || !hasLength(code)) return null;
    offset = start + 1 + length;
  }
  return null;
}

/** The segment that begins at the first byte of 255 and the code after it. */
function nextSegment(read: ReadBytes, offset: number): { start: number; bytes: Buffer } | null {
  const gap = read(offset, maxGapBytes);
  const mark = gap?.indexOf(0xff) ?? -1;
  if (!gap || mark === -1) return null;
  const code = gap.subarray(mark).findIndex((byte) => byte !== 0xff);
  if (code === -1) return null;
  const start = offset + mark + code;
  const bytes = read(start, frameHeadBytes);
  return bytes && bytes.length === frameHeadBytes ? { start, bytes } : null;
}

/** SOF0 to SOF15, without the codes in between for Huffman tables, arithmetic tables and one that is reserved. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

/** Tables, comments and applications' own segments. What else comes before a frame makes no image. */
function hasLength(code: number): boolean {
  return code === 0xc4 || code === 0xcc || code >= 0xdb;
}
