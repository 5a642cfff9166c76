/**
 * Files in containers that only remote engines take: ogg, webm, mp4 and bare AAC. They are measured in a thread of their own,
 * one at a time, and given up after a while: damaged WebM files of 2 KB were seen to keep the library busy for ever.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { FifoLock } from "../fifo-lock.ts";
import { type Measured, notPlayable } from "./measure.ts";

const timeoutMs = 5_000;
const maxHeapMegabytes = 256;

/** More than any of their codecs (Opus, Vorbis, AAC) puts into a second of speech. */
const maxBytesPerSecond = 64_000;

/** Text, as a bundle has no file for it: answers with seconds, or with null where there is no track of sound. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const { ADTS, BufferSource, Input, MATROSKA, MP4, OGG, QTFF, WEBM } = require(workerData.library);
const formats = [OGG, WEBM, MATROSKA, MP4, QTFF, ADTS];
const input = new Input({ source: new BufferSource(workerData.bytes), formats });
input.getPrimaryAudioTrack()
  .then((track) => track?.computeDuration())
  .then((seconds) => parentPort.postMessage(seconds ?? null), () => parentPort.postMessage(null));
`;

const oneAtATime = new FifoLock();

/**
 * Lasts until the end of the last packet. Times of packets are the sender's words: so a file lasts at least as long as its
 * bytes do at the highest rate.
 * @throws SoundFault where there is no track of sound
 */
export async function measureCompressed(bytes: Buffer): Promise<Measured> {
  const answer = await oneAtATime.run(() => askThread(bytes));
  const seconds = z.number().safeParse(answer);
  if (!seconds.success) throw notPlayable("damaged, or without a track of sound");
  return { seconds: Math.max(seconds.data, bytes.length / maxBytesPerSecond), pieces: [bytes] };
}

async function askThread(bytes: Buffer): Promise<unknown> {
  const library = createRequire(import.meta.url).resolve("mediabunny");
  const options = {
    eval: true,
    workerData: { library, bytes },
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  };
  const worker = new Worker(program, options);
  try {
    const [answer] = await once(worker, "message", { signal: AbortSignal.timeout(timeoutMs) });
    return answer;
  } catch {
    return null; // It took too long, or its thread ended.
  } finally {
    await worker.terminate();
  }
}
