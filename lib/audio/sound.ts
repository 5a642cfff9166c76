/** A sound file that a client sent: what it is, and how long it lasts by what is really in it. */
import { GatewayError } from "../errors.ts";
import { compressedSeconds } from "./compressed.ts";
import { type Container, containerOf } from "./container.ts";
import { flacSeconds } from "./flac.ts";
import { mp3Seconds } from "./mp3.ts";
import { wavSeconds } from "./wav.ts";

export interface Sound {
  container: Container;
  bytes: Buffer;
  /** Measured; a whole number. */
  durationMs: number;
}

/** OpenAI's bound as well. A file of one single sample ends llama-server. */
const leastMs = 100;
/** Sound grows when it is decoded: an engine needs 64 KB for each second, however few bytes the file has. */
const mostMs = 4 * 3_600_000;

/**
 * Recognises and measures a sound file.
 * @throws GatewayError 400 where it is empty, no sound, damaged, shorter than 0.1 s or longer than 4 h
 */
export async function openSound(bytes: Buffer): Promise<Sound> {
  if (bytes.length === 0) throw refused("is empty");
  const container = containerOf(bytes);
  if (!container) throw refused("is no sound file. Send wav, mp3, flac, ogg, webm, mp4 (m4a) or aac");
  const durationMs = Math.round(1000 * (await secondsOf(container, bytes)));
  if (durationMs < leastMs) throw refused(`must hold at least ${leastMs / 1000} s of sound`);
  if (durationMs > mostMs) throw refused(`may hold at most ${mostMs / 3_600_000} hours of sound`);
  return { container, bytes, durationMs };
}

function secondsOf(container: Container, bytes: Buffer): number | Promise<number> {
  if (container === "wav") return wavSeconds(bytes);
  if (container === "mp3") return mp3Seconds(bytes);
  if (container === "flac") return flacSeconds(bytes);
  return compressedSeconds(bytes);
}

function refused(why: string): GatewayError {
  return new GatewayError("invalid_request", `\`file\` ${why}.`, { param: "file" });
}
