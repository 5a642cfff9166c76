/** How long an MP3 is: only its frames tell, each with a bit rate of its own. They are walked as decoders find them. */
import type { ReadBytes } from "./bytes.ts";

/** kbit/s of layer 3, by the index in a frame's head, from 1 on. */
const bitRates = {
  first: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  later: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const sampleRates = [44_100, 48_000, 32_000];
/** By the two bits of the version: 2.5, none, 2, 1. */
const rateDivisors = [4, 0, 2, 1];

/** Of names and a picture in front; some decoders look for frames in there as well. */
const maxTagBytes = 1024 * 1024;
/** What decoders skip in search of the next frame, how often, and how much may be left behind the last one. */
const maxGapBytes = 4_096;
const maxGaps = 64;
const maxTrailBytes = 128 * 1024;

const mixed = "is an mp3 sound with something else in it";

interface Frame {
  sizeBytes: number;
  seconds: number;
}

/** @returns seconds, or some more than `mostS` where it is longer than that; or what is wrong, in words */
export function mp3Seconds(read: ReadBytes, sizeBytes: number, mostS: number): number | string {
  let offset = tagBytes(read);
  if (offset > maxTagBytes) return "is an mp3 sound with too much in front of it";
  let seconds = 0;
  let gaps = 0;
  while (seconds <= mostS) {
    let frame = frameAt(read(offset, 4) ?? Buffer.alloc(0), 0);
    if (!frame) {
      const gap = read(offset, maxGapBytes) ?? Buffer.alloc(0);
      const at = nextFrame(gap);
      if (at === -1 && sizeBytes - offset > maxTrailBytes) return mixed;
      if (at === -1) return seconds > 0 ? seconds : "is no mp3 sound";
      if (++gaps > maxGaps) return mixed;
      frame = frameAt(gap, at);
      offset += at;
    }
    offset += frame?.sizeBytes ?? 1;
    seconds += frame?.seconds ?? 0;
  }
  return seconds;
}

/** How much of an ID3 tag stands in front: seven bits a byte. */
function tagBytes(read: ReadBytes): number {
  const head = read(0, 10);
  if (head?.length !== 10 || head.toString("latin1", 0, 3) !== "ID3") return 0;
  return head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 127), 0) + head.length;
}

function nextFrame(bytes: Buffer): number {
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1))
    if (frameAt(bytes, at)) return at;
  return -1;
}

function frameAt(bytes: Buffer, at: number): Frame | null {
  if (at + 4 > bytes.length || bytes[at] !== 0xff) return null;
  const [second = 0, third = 0] = bytes.subarray(at + 1, at + 3);
  if ((second & 0xe6) !== 0xe2) return null;
  const version = (second >> 3) & 3;
  const isFirst = version === 3;
  const kilobits = bitRates[isFirst ? "first" : "later"][(third >> 4) - 1];
  const rate = (sampleRates[(third >> 2) & 3] ?? 0) / (rateDivisors[version] ?? 0);
  if (kilobits === undefined || !Number.isFinite(rate) || rate === 0) return null;
  const samples = isFirst ? 1152 : 576;
  const padding = (third >> 1) & 1;
  return { sizeBytes: Math.floor((samples * kilobits * 125) / rate) + padding, seconds: samples / rate };
}
