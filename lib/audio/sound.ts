/** A sound file that a client sent: what it is, and how long it lasts by what is really in it. */
import { GatewayError } from "../errors.ts";
import { measureCompressed } from "./compressed.ts";
import { type Container, containerOf } from "./container.ts";
import { measureFlac } from "./flac.ts";
import type { Measured } from "./measure.ts";
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
const mostMs = 4 * 3_600_000;

/**
 * Recognises and measures a sound file.
 * @param bytes may be changed: see `Measured`
 * @throws GatewayError 400 where it is empty, no sound, damaged, shorter than 0.1 s or longer than 4 h
 */
export async function openSound(bytes: Buffer): Promise<Sound> {
  if (bytes.length === 0) throw refused("is empty");
  const container = containerOf(bytes);
  if (!container) throw refused("is no sound file. Send wav, mp3, flac, ogg, webm, mp4 (m4a) or aac");
  const { seconds, pieces } = await measure(container, bytes);
  const durationMs = Math.round(1000 * seconds);
  if (durationMs < leastMs) throw refused(`must hold at least ${leastMs / 1000} s of sound`);
  if (durationMs > mostMs) throw refused(`may hold at most ${mostMs / 3_600_000} hours of sound`);
  return { container, pieces, durationMs };
}

function measure(container: Container, bytes: Buffer): Measured | Promise<Measured> {
  if (container === "wav") return measureWav(bytes);
  if (container === "mp3") return measureMp3(bytes);
  if (container === "flac") return measureFlac(bytes);
  return measureCompressed(bytes);
}

function refused(why: string): GatewayError {
  return new GatewayError("invalid_request", `\`file\` ${why}.`, { param: "file" });
}
