/**
 * MP3 files, measured by counting their frames: tags that state a length (Xing, VBRI) are the sender's words. Frame heads as in ISO/IEC 11172-3 and 13818-3.
 */
import { checkSteps, type Measured, notPlayable, wipeLengthTags } from "./measure.ts";

const headBytes = 4;
const sync = 0xff;
const id3HeadBytes = 10;

/** Kilobits a second by the index in a head; MPEG 1 layers 1, 2, 3, then MPEG 2 layer 1, and layers 2 and 3. */
const bitrates = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const rates = [44_100, 48_000, 32_000] as const;

interface Frame {
  sizeBytes: number;
  seconds: number;
}

/**
 * Engines get it from its first frame on: behind a tag of ID3 a decoder may find a file of another kind.
 * @throws GatewayError 400 for free bit rates, whose frames cannot be counted
 */
export function measureMp3(bytes: Buffer): Measured {
  let seconds = 0;
  let first = bytes.length;
  let at = behindTag(bytes);
  for (let steps = 0; at + headBytes <= bytes.length; checkSteps(++steps)) {
    const frame = frameAt(bytes, at);
    if (frame) {
      first = Math.min(first, at);
      seconds += frame.seconds;
      at += frame.sizeBytes;
    } else {
      const next = bytes.indexOf(sync, at + 1);
      if (next === -1) break;
      at = next;
    }
  }
  const frames = bytes.subarray(first);
  wipeLengthTags(frames);
  return { seconds, pieces: [frames] };
}

/** An ID3v2 tag says how long it is in four bytes of seven bits. */
function behindTag(bytes: Buffer): number {
  if (bytes.length < id3HeadBytes || bytes.toString("latin1", 0, 3) !== "ID3") return 0;
  let sizeBytes = 0;
  for (let index = 6; index < id3HeadBytes; index++)
    sizeBytes = (sizeBytes << 7) | ((bytes[index] ?? 0) & 0x7f);
  return id3HeadBytes + sizeBytes;
}

function frameAt(bytes: Buffer, at: number): Frame | null {
  const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
  if (bytes[at] !== sync || (second & 0xe0) !== 0xe0) return null;
  const version = (second >> 3) & 3; // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1.
  const layer = 4 - ((second >> 1) & 3);
  const baseRate = rates[(third >> 2) & 3];
  const bitrateIndex = third >> 4;
  if (version === 1 || layer === 4 || baseRate === undefined || bitrateIndex === 15) return null;
  if (bitrateIndex === 0) throw notPlayable("an MP3 file of a free bit rate");
  const isFirst = version === 3;
  const rate = baseRate / (isFirst ? 1 : version === 2 ? 2 : 4);
  const kilobits = bitrates[isFirst ? layer - 1 : layer === 1 ? 3 : 4]?.[bitrateIndex] ?? 0;
  const samples = layer === 1 ? 384 : layer === 3 && !isFirst ? 576 : 1152;
  const unit = layer === 1 ? 4 : 1;
  const padding = (third >> 1) & 1;
  const sizeBytes = (Math.floor((samples / 8 / unit) * ((kilobits * 1000) / rate)) + padding) * unit;
  return { sizeBytes, seconds: samples / rate };
}
