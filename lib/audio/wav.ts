/**
 * The length of a WAV file, by the bytes of sound that are really there. What its header says of them is not believed:
 * - It claims more than there is (10,000 hours, or "until the end", as programs write that did not know): what is not there
 *   is nobody's work.
 * - It claims less (a second, before an hour): some decoders go on behind it, so all that is no chunk of metadata counts.
 * - Its bytes per frame are computed from channels and bits, as decoders do.
 */
import { checkSteps, notPlayable } from "./not-playable.ts";

const headBytes = 12;
const chunkHeadBytes = 8;
const maxChunks = 10_000;

interface WavFormat {
  rate: number;
  bytesPerFrame: number;
}

/** Codes of the `fmt ` chunk: PCM, floating point, A-law, mu-law. Others pack samples in ways that cannot be counted here. */
const countable = new Set([1, 3, 6, 7]);
const extensible = 0xfffe;

/** @returns seconds. @throws GatewayError 400 where it holds no PCM, floating point or G.711 sound */
export function wavSeconds(bytes: Buffer): number {
  let format: WavFormat | null = null;
  let soundBytes = -1; // No chunk of sound has come.
  let at = headBytes;
  for (let steps = 0; at + chunkHeadBytes <= bytes.length; checkSteps(++steps, maxChunks)) {
    const id = bytes.toString("latin1", at, at + 4);
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const start = at + chunkHeadBytes;
    const end = start + sizeBytes;
    if (id === "fmt " && !format) format = readFormat(bytes.subarray(start, end));
    else if (id === "data") soundBytes = Math.max(0, soundBytes) + Math.min(end, bytes.length) - start;
    else if (soundBytes >= 0 && (end > bytes.length || !/^[\w ]{4}$/.test(id))) {
      soundBytes += bytes.length - at; // No chunk: the sound goes on.
      break;
    }
    at = end + (sizeBytes % 2);
  }
  if (!format) throw notPlayable("a WAV file without a format");
  return Math.max(0, soundBytes) / format.bytesPerFrame / format.rate;
}

function readFormat(chunk: Buffer): WavFormat {
  if (chunk.length < 16) throw notPlayable("a WAV file whose format is cut off");
  const tag = chunk.readUInt16LE(0);
  const code = tag === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const channels = chunk.readUInt16LE(2);
  const rate = chunk.readUInt32LE(4);
  const bits = chunk.readUInt16LE(14);
  if (!countable.has(code)) throw notPlayable("a WAV file that is neither PCM, floating point nor G.711");
  const isWhole = bits % 8 === 0 && bits >= 8 && bits <= 64;
  if (channels === 0 || rate === 0 || !isWhole) throw notPlayable("a WAV file with an impossible format");
  return { rate, bytesPerFrame: (channels * bits) / 8 };
}
