/**
 * FLAC files, measured by counting their frames: the total in the head is the sender's word, and engines get the right one,
 * as llama-server makes room for it. Numbers in frames are ignored by decoders, and here. A frame of silence has a dozen
 * bytes and up to 65,536 samples, so this also keeps days of it in few bytes from an engine's memory. Formats as in RFC 9639.
 */
import { checkRate, checkSteps, type Measured, notPlayable, wipeLengthTags } from "./measure.ts";

const streamInfoBytes = 34;
/** How frames begin: with blocks of one size, or of several. */
const syncCodes = [Buffer.from([0xff, 0xf8]), Buffer.from([0xff, 0xf9])];

/** @throws SoundFault where its head is cut off or another one */
export function measureFlac(bytes: Buffer): Measured {
  const isUsual =
    bytes.length >= 8 + streamInfoBytes && (bytes.readUInt32BE(4) & 0x7fffffff) === streamInfoBytes;
  if (!isUsual) throw notPlayable("a FLAC file whose head is damaged");
  const rate = bytes.readUIntBE(18, 3) >> 4;
  checkRate(rate);
  let samples = 0;
  let steps = 0;
  const start = behindMetadata(bytes);
  for (const sync of syncCodes)
    for (let at = bytes.indexOf(sync, start); at !== -1; at = bytes.indexOf(sync, at + sync.length)) {
      samples += frameSamples(bytes, at);
      checkSteps(++steps);
    }
  writeTotal(bytes, samples);
  wipeLengthTags(bytes);
  return { seconds: samples / rate, pieces: [bytes] };
}

/** 36 bits, of which the highest four share their byte. */
function writeTotal(bytes: Buffer, samples: number): void {
  const high = Math.floor(samples / 2 ** 32);
  bytes.writeUInt8((bytes.readUInt8(21) & 0xf0) | (high & 0x0f), 21);
  bytes.writeUInt32BE(samples % 2 ** 32, 22);
}

function behindMetadata(bytes: Buffer): number {
  let at = 4;
  while (at + 4 <= bytes.length) {
    const isLast = ((bytes[at] ?? 0) & 0x80) !== 0;
    at += 4 + bytes.readUIntBE(at + 1, 3);
    if (isLast) break;
  }
  return at;
}

/** The samples of the frame whose head stands here, or 0 where none does: its checksum says so. */
function frameSamples(bytes: Buffer, at: number): number {
  const [sizes = 0, channels = 0] = [bytes[at + 2], bytes[at + 3]];
  const blockCode = sizes >> 4;
  const rateCode = sizes & 0x0f;
  if (blockCode === 0 || rateCode === 15 || channels >> 4 > 10 || (channels & 1) !== 0) return 0;
  const numberBytes = codedNumberBytes(bytes[at + 4] ?? 0);
  if (numberBytes === 0) return 0;
  const sizesAt = at + 4 + numberBytes;
  const blockBytes = blockCode === 6 ? 1 : blockCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  const end = sizesAt + blockBytes + rateBytes;
  if (end >= bytes.length || bytes[end] !== checksum(bytes, at, end)) return 0;
  if (blockBytes > 0) return bytes.readUIntBE(sizesAt, blockBytes) + 1;
  if (blockCode === 1) return 192;
  return blockCode < 6 ? 144 << blockCode : 1 << blockCode;
}

/** Length of a number that is coded as UTF-8 codes characters, by its first byte; 0 where it is none. */
function codedNumberBytes(first: number): number {
  if (first < 0x80) return 1;
  const ones = Math.clz32(~(first << 24));
  return ones >= 2 && ones <= 7 ? ones : 0;
}

/** CRC-8 with the polynomial x^8 + x^2 + x + 1. */
function checksum(bytes: Buffer, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
