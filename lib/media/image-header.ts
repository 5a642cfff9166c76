/** What an image says of itself in its first bytes: its kind and how large it is. Nothing is decoded. */
import { BMP } from "image-size/types/bmp";
import { GIF } from "image-size/types/gif";
import { PNG } from "image-size/types/png";
import { WEBP } from "image-size/types/webp";
import type { ReadBytes } from "./bytes.ts";
import { jpegSize } from "./jpeg-size.ts";

export interface PixelSize {
  width: number;
  height: number;
}

export interface ImageHeader extends PixelSize {
  mediaType: string;
}

/** More than any of the headers below needs. */
const headBytes = 64;

/** A BMP of an older kind has 16 bits for each side, which nothing here would read rightly. */
const leastBmpHeader = 40;

/** Apple's own PNG begins with a chunk of another name, behind which decoders find a header of their choice. */
const pngStart = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");

/** Shorter files have no size: image-size would read it from whatever lies behind them in memory. */
const readers = [
  { mediaType: "image/png", leastBytes: 24, isIt: isPng, size: PNG.calculate },
  { mediaType: "image/gif", leastBytes: 10, isIt: GIF.validate, size: GIF.calculate },
  { mediaType: "image/webp", leastBytes: 30, isIt: WEBP.validate, size: WEBP.calculate },
  { mediaType: "image/bmp", leastBytes: 26, isIt: isBmp, size: BMP.calculate },
];

/** Null where the bytes are no PNG, JPEG, GIF, WebP or BMP with a header that can be read. */
export function imageHeader(read: ReadBytes): ImageHeader | null {
  const head = read(0, headBytes);
  if (!head) return null;
  if (head.length > 2 && head[0] === 0xff && head[1] === 0xd8) {
    const size = jpegSize(read);
    return size && { mediaType: "image/jpeg", ...size };
  }
  const reader = readers.find(({ leastBytes, isIt }) => head.length >= leastBytes && isIt(head));
  if (!reader) return null;
  try {
    const { width, height } = reader.size(head);
    return { mediaType: reader.mediaType, width, height };
  } catch {
    return null; // A WebP of no known kind.
  }
}

function isPng(head: Buffer): boolean {
  return head.subarray(0, pngStart.length).equals(pngStart);
}

function isBmp(head: Buffer): boolean {
  return BMP.validate(head) && head.readUInt32LE(14) >= leastBmpHeader;
}
