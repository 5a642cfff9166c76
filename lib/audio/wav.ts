/**
 * WAV files, measured by the bytes of sound that are really there, and written anew for engines. What a header says is not
 * believed:
 * - It claims more than there is (10,000 hours, or "until the end", as programs write that did not know): what is not there
 *   is nobody's work.
 * - It claims less (a second, before an hour): some decoders go on behind it, so all that is no chunk of metadata counts.
 * - It claims a single sample, wherever the file goes on: that ends llama-server.
 * - Bytes per frame are computed from channels and bits, as decoders do.
 */
import { checkRate, checkSteps, type Measured, notPlayable } from "./measure.ts";

const headBytes = 12;
const chunkHeadBytes = 8;
const maxChunks = 10_000;
const maxChannels = 8;

/** Codes of the `fmt ` chunk and the bits of a sample. Other codecs pack samples in ways that cannot be counted here. */
const bitsOfCode: Readonly<Record<number, readonly number[]>> = {
  1: [8, 16, 24, 32], // PCM
  3: [32, 64], // Floating point
  6: [8], // A-law
  7: [8], // mu-law
};
const extensible = 0xfffe;

interface WavFormat {
  code: number;
  channels: number;
  rate: number;
  bits: number;
}

/** @throws SoundFault where it holds no PCM, floating point or G.711 sound */
export function measureWav(bytes: Buffer): Measured {
  const { format, start, end } = layoutOf(bytes);
  const { channels, rate, bits } = readFormat(format);
  const seconds = (end - start) / ((channels * bits) / 8) / rate;
  return { seconds, pieces: [writeHead(readFormat(format), end - start), bytes.subarray(start, end)] };
}

interface Layout {
  format: Buffer;
  /** Of the sound. */
  start: number;
  end: number;
}

function layoutOf(bytes: Buffer): Layout {
  let format: Buffer | null = null;
  let sound: { start: number; end: number } | null = null;
  let at = headBytes;
  for (let steps = 0; at + chunkHeadBytes <= bytes.length; checkSteps(++steps, maxChunks)) {
    const id = bytes.toString("latin1", at, at + 4);
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const start = at + chunkHeadBytes;
    const end = start + sizeBytes;
    if (id === "fmt ") format ??= bytes.subarray(start, end);
    else if (!sound && id === "data") sound = { start, end: Math.min(end, bytes.length) };
    else if (sound && (id === "data" || end > bytes.length || !/^[\w ]{4}$/.test(id))) {
      sound.end = bytes.length; // No metadata: the sound goes on.
      break;
    }
    at = end + (sizeBytes % 2);
  }
  if (!format) throw notPlayable("a WAV file without a format");
  if (!sound) throw notPlayable("a WAV file without sound");
  return { format, ...sound };
}

function readFormat(chunk: Buffer): WavFormat {
  if (chunk.length < 16) throw notPlayable("a WAV file whose format is cut off");
  const tag = chunk.readUInt16LE(0);
  const code = tag === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const format = {
    code,
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
  if (!bitsOfCode[code]?.includes(format.bits))
    throw notPlayable("a WAV file of a codec other than PCM, floating point and G.711");
  if (format.channels === 0 || format.channels > maxChannels)
    throw notPlayable(`of ${format.channels} channels, and may have 1 to ${maxChannels}`);
  checkRate(format.rate);
  return format;
}

function writeHead({ code, channels, rate, bits }: WavFormat, soundBytes: number): Buffer {
  const frameBytes = (channels * bits) / 8;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + soundBytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(code, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * frameBytes, 28);
  head.writeUInt16LE(frameBytes, 32);
  head.writeUInt16LE(bits, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(soundBytes, 40);
  return head;
}
