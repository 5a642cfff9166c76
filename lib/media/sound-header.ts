/** What a sound says of itself in its first bytes. Nothing is decoded. */
import type { ReadBytes } from "./bytes.ts";

export const soundFormats = ["wav", "mp3"] as const;
export type SoundFormat = (typeof soundFormats)[number];

/**
 * Samples a second. Engines bring every sound to 16,000: one of 4,000 bytes at 1 a second kept llama-server 0.7.0 busy for
 * 13 s.
 */
const leastRate = 4_000;
const mostRate = 384_000;

/** Chunks before that with the samples: texts, mostly. */
const maxChunks = 64;

/** What is wrong with a sound, or null. */
export function soundFault(read: ReadBytes, format: SoundFormat): string | null {
  const head = read(0, 12);
  if (!head) return "is no base64";
  const found = formatOf(head);
  if (found !== format) return found ? `is ${found}, not ${format}` : `is no ${format} sound`;
  return format === "wav" ? wavFault(read) : null;
}

function formatOf(head: Buffer): SoundFormat | null {
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WAVE") return "wav";
  if (head.toString("latin1", 0, 3) === "ID3") return "mp3";
  // A frame: eleven bits of one, then a version and layer 3.
  const [first = 0, second = 0] = head;
  return first === 0xff && (second & 0xe6) === 0xe2 ? "mp3" : null;
}

/** Looks at every description before the samples: decoders go by the last one. */
function wavFault(read: ReadBytes): string | null {
  let isDescribed = false;
  let offset = 12;
  for (let chunk = 0; chunk < maxChunks; chunk++) {
    const head = read(offset, 24);
    if (!head || head.length < 8) break;
    const name = head.toString("latin1", 0, 4);
    if (name === "data") return isDescribed ? null : "is a wav sound without a description";
    if (name === "fmt ") {
      const rate = head.length < 16 ? 0 : head.readUInt32LE(12);
      if (rate < leastRate || rate > mostRate)
        return `is a wav sound of ${rate} samples a second: ${leastRate} to ${mostRate} are taken`;
      isDescribed = true;
    }
    const sizeBytes = head.readUInt32LE(4);
    offset += 8 + sizeBytes + (sizeBytes % 2);
  }
  return "is a wav sound without samples";
}
