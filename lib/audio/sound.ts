/** A sound file that a client sent: what it is, and how long it lasts by what is really in it. */
import { GatewayError } from "../errors.ts";
import { measureCompressed } from "./compressed.ts";
import { type Container, containerOf } from "./container.ts";
import { measureFlac } from "./flac.ts";
import { type Measured, SoundFault } from "./measure.ts";
import { measureMp3 } from "./mp3.ts";
import { measureWav } from "./wav.ts";

export interface Sound {
  container: Container;
  /** The file for engines, in pieces that follow each other. It says nothing false of its own length. */
  pieces: readonly Buffer[];
  /** Measured; a whole number. */
  durationMs: number;
}

/** OpenAI's bound as well. A file of one single sample ends llama-server. */
const leastMs = 100;
/** Sound grows when it is decoded: an engine needs 64 KB for each second, however few bytes the file has. */
const longest = {
  file: { ms: 4 * 3_600_000, words: "4 hours" },
  /** As long as what is held for one (openai/chat/prompt-bound.ts). */
  part: { ms: 30 * 60_000, words: "30 minutes" },
};

/**
 * Recognises and measures the file of a form.
 * @param bytes may be changed: see `Measured`
 * @throws GatewayError 400 where it is empty, no sound, damaged, shorter than 0.1 s or longer than 4 h
 */
export async function openSound(bytes: Buffer): Promise<Sound> {
  try {
    if (bytes.length === 0) throw new SoundFault("is empty");
    const container = containerOf(bytes);
    if (!container)
      throw new SoundFault("is no sound file. Send wav, mp3, flac, ogg, webm, mp4 (m4a) or aac");
    return soundOf(container, await measure(container, bytes), longest.file);
  } catch (error) {
    throw refusal(error, "file");
  }
}

/**
 * Measures a sound in a chat, at once.
 * @param bytes may be changed: see `Measured`
 * @param format what its sender calls it
 * @param param where it stands in the request
 * @throws GatewayError 400 where it is no such sound, damaged, shorter than 0.1 s or longer than 30 minutes
 */
export function openSoundPart(bytes: Buffer, format: "wav" | "mp3", param: string): Sound {
  try {
    const container = containerOf(bytes);
    if (container !== format)
      throw new SoundFault(container ? `is ${container}, not ${format}` : `is no ${format} sound`);
    return soundOf(container, format === "wav" ? measureWav(bytes) : measureMp3(bytes), longest.part);
  } catch (error) {
    throw refusal(error, param);
  }
}

function measure(container: Container, bytes: Buffer): Measured | Promise<Measured> {
  if (container === "wav") return measureWav(bytes);
  if (container === "mp3") return measureMp3(bytes);
  if (container === "flac") return measureFlac(bytes);
  return measureCompressed(bytes);
}

/** @throws SoundFault where it is too short or too long */
function soundOf(
  container: Container,
  { seconds, pieces }: Measured,
  most: { ms: number; words: string },
): Sound {
  const durationMs = Math.round(1000 * seconds);
  if (durationMs < leastMs) throw new SoundFault(`must hold at least ${leastMs / 1000} s of sound`);
  if (durationMs > most.ms)
    throw new SoundFault(`may hold at most ${most.words} of sound: send it in pieces`);
  return { container, pieces, durationMs };
}

function refusal(error: unknown, param: string): unknown {
  if (!(error instanceof SoundFault)) return error;
  return new GatewayError("invalid_request", `\`${param}\` ${error.message}.`, { param });
}
