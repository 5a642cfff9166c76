/** How long a WAV is, by its description. */
import type { ReadBytes } from "./bytes.ts";

/**
 * Samples a second. Engines bring every sound to 16,000: one of 4,000 bytes at 1 a second kept llama-server 0.7.0 busy for
 * 13 s.
 */
const leastRate = 4_000;
const mostRate = 384_000;
const mostChannels = 64;

/** PCM, floats, A-law and mu-law: of these a size tells a length. */
const codecs = [1, 3, 6, 7];
/** The codec stands further on. */
const extensible = 0xfffe;
const codecOffset = { plain: 8, extended: 32 };

/** Chunks before that with the samples: texts, mostly. */
const maxChunks = 64;

/**
 * Looks at every description before the samples: decoders go by the last one.
 * @returns seconds, of the longest description; or what is wrong, in words
 */
export function readWav(read: ReadBytes, sizeBytes: number): number | string {
  let seconds = 0;
  let offset = 12;
  for (let chunk = 0; chunk < maxChunks; chunk++) {
    const head = read(offset, 48);
    if (!head || head.length < 8) break;
    const name = head.toString("latin1", 0, 4);
    if (name === "data") return seconds > 0 ? seconds : "is a wav sound without a description";
    if (name === "fmt ") {
      const bytesPerS = bytesPerSecond(head);
      if (typeof bytesPerS === "string") return bytesPerS;
      seconds = Math.max(seconds, sizeBytes / bytesPerS);
    }
    const chunkBytes = head.readUInt32LE(4);
    offset += 8 + chunkBytes + (chunkBytes % 2);
  }
  return "is a wav sound without samples";
}

function bytesPerSecond(head: Buffer): number | string {
  if (head.length < 24) return "is a wav sound without a description";
  const codec = head.readUInt16LE(codecOffset.plain);
  const isExtended = codec === extensible && head.length >= codecOffset.extended + 2;
  if (!codecs.includes(isExtended ? head.readUInt16LE(codecOffset.extended) : codec))
    return "is a wav sound of a codec that is not taken: PCM, floats, A-law and mu-law are";
  const channels = head.readUInt16LE(10);
  const rate = head.readUInt32LE(12);
  const bits = head.readUInt16LE(22);
  if (rate < leastRate || rate > mostRate)
    return `is a wav sound of ${rate} samples a second: ${leastRate} to ${mostRate} are taken`;
  if (channels === 0 || channels > mostChannels || bits === 0 || bits % 8 !== 0 || bits > 64)
    return `is a wav sound of ${channels} channels of ${bits} bits, which is not taken`;
  return (rate * channels * bits) / 8;
}
