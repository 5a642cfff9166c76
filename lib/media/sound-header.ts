/** What a sound says of itself, as far as it has to be believed before an engine decodes it. Nothing is decoded here. */
import type { ReadBytes } from "./bytes.ts";
import { mp3Seconds } from "./mp3-frames.ts";
import { readWav } from "./wav-header.ts";

export type SoundFormat = "wav" | "mp3";

/**
 * As long as what is held for one (openai/chat/prompt-bound.ts). Engines make 64 KB of every second: of 4 MB of MP3 at 8
 * kbit/s, more than an hour, llama-server 0.7.0 made 800 MB in 17 s.
 */
export const maxSoundS = 1_800;

/** Bytes of a file that has no name for what it holds until then. */
const headBytes = 12;

/** What is wrong with a sound, in words that end a sentence about it; null where it may be decoded. */
export function soundFault(read: ReadBytes, sizeBytes: number, format: SoundFormat): string | null {
  const head = read(0, headBytes);
  if (!head) return "is no base64";
  const found = formatOf(head);
  if (found !== format) return found ? `is ${found}, not ${format}` : `is no ${format} sound`;
  const heard = format === "wav" ? readWav(read, sizeBytes) : mp3Seconds(read, sizeBytes, maxSoundS);
  if (typeof heard === "string") return heard;
  return heard > maxSoundS ? `is longer than ${maxSoundS / 60} minutes: send it in pieces` : null;
}

function formatOf(head: Buffer): SoundFormat | null {
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WAVE") return "wav";
  if (head.toString("latin1", 0, 3) === "ID3") return "mp3";
  // A frame: eleven bits of one, then a version and layer 3.
  const [first = 0, second = 0] = head;
  return first === 0xff && (second & 0xe6) === 0xe2 ? "mp3" : null;
}
