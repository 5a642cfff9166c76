/**
 * MP3 files, measured by counting their frames, and written anew for engines. Tags that state a length (Xing, VBRI) are the
 * sender's words. Engines get frames alone, of one kind and without gaps, so that a decoder goes from frame to frame as it
 * was done here: with gaps it begins to search, and finds frames inside of others, twenty times as many. Frame heads as in
 * ISO/IEC 11172-3 and 13818-3.
 */
import { checkSteps, type Measured, notPlayable, wipeLengthTags } from "./measure.ts";

const headBytes = 4;
const sync = 0xff;
const id3HeadBytes = 10;
/** Frames that follow each other without a gap are one; files that were cut from broadcasts have some. */
const maxRuns = 10_000;

/** Kilobits a second by the index in a head, from 1 on; MPEG 1 layers 1, 2, 3, then MPEG 2 layer 1, and layers 2 and 3. */
const bitrates = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const rates = [44_100, 48_000, 32_000] as const;

interface Frame {
  /** Version, layer and rate, which a decoder expects of the next frame as well. */
  kind: number;
  sizeBytes: number;
  seconds: number;
}

/** @throws SoundFault where no frames follow each other; those of free bit rates cannot be counted */
export function measureMp3(bytes: Buffer): Measured {
  const runs: Buffer[] = [];
  let seconds = 0;
  let steps = 0;
  let start = nextRun(bytes, behindTag(bytes));
  const kind = frameAt(bytes, start)?.kind;
  if (kind === undefined) throw notPlayable("an MP3 file without frames that can be counted");
  while (start !== -1) {
    let end = start;
    for (let frame = frameAt(bytes, end); frame?.kind === kind; frame = frameAt(bytes, end)) {
      seconds += frame.seconds;
      end += frame.sizeBytes;
      checkSteps(++steps);
    }
    const run = bytes.subarray(start, end);
    wipeLengthTags(run);
    runs.push(run);
    checkSteps(runs.length, maxRuns);
    start = nextRun(bytes, end, kind);
  }
  return { seconds, pieces: runs };
}

/** An ID3v2 tag says how long it is in four bytes of seven bits. */
function behindTag(bytes: Buffer): number {
  if (bytes.length < id3HeadBytes || bytes.toString("latin1", 0, 3) !== "ID3") return 0;
  let sizeBytes = 0;
  for (let index = 6; index < id3HeadBytes; index++)
    sizeBytes = (sizeBytes << 7) | ((bytes[index] ?? 0) & 0x7f);
  return id3HeadBytes + sizeBytes;
}

/**
 * Where two frames of a kind follow each other, or one ends the file; -1 where nothing does.
 * @param kind any, where none is given
 */
function nextRun(bytes: Buffer, from: number, kind?: number): number {
  for (let at = from; at + headBytes <= bytes.length; at++) {
    const frame = frameAt(bytes, at);
    if (!frame || (kind ?? frame.kind) !== frame.kind) continue;
    const end = at + frame.sizeBytes;
    if (end === bytes.length || frameAt(bytes, end)?.kind === frame.kind) return at;
  }
  return -1;
}

/** The frame that begins here, where one does and is whole. */
function frameAt(bytes: Buffer, at: number): Frame | null {
  if (bytes[at] !== sync || at + headBytes > bytes.length) return null;
  const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
  if ((second & 0xe0) !== 0xe0) return null;
  const version = (second >> 3) & 3; // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1.
  const layer = 4 - ((second >> 1) & 3);
  const baseRate = rates[(third >> 2) & 3];
  const isFirst = version === 3;
  const kilobits = bitrates[isFirst ? layer - 1 : layer === 1 ? 3 : 4]?.[(third >> 4) - 1];
  if (version === 1 || layer === 4 || baseRate === undefined || kilobits === undefined) return null;
  const rate = baseRate / (isFirst ? 1 : version === 2 ? 2 : 4);
  const samples = layer === 1 ? 384 : layer === 3 && !isFirst ? 576 : 1152;
  const unit = layer === 1 ? 4 : 1;
  const padding = (third >> 1) & 1;
  const sizeBytes = (Math.floor((samples * kilobits * 125) / rate / unit) + padding) * unit;
  if (at + sizeBytes > bytes.length) return null;
  return { kind: ((second & 0xfe) << 8) | (third & 0x0c), sizeBytes, seconds: samples / rate };
}
