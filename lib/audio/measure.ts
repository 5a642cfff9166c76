/** What the measuring of sound files shares. */

/** A file as it was measured. */
export interface Measured {
  seconds: number;
  /** What engines get: the file without what it says of its own length, for they believe it. */
  pieces: readonly Buffer[];
}

/** Why a sound cannot be used, in words that end a sentence about it: who asked knows where it stood in the request. */
export class SoundFault extends Error {}

/**
 * Steps that measuring a file may take: more than four hours of the shortest frames have. Everybody waits meanwhile, and a
 * file may be made so that each of its bytes looks like a beginning.
 */
const maxSteps = 2_000_000;

/** @throws SoundFault */
export function checkSteps(steps: number, most = maxSteps): void {
  if (steps > most) throw notPlayable("damaged, or made of too many pieces");
}

/** Speech needs 8,000 samples a second. Without a least rate, a file of few bytes is hours of work for an engine. */
const leastRate = 4_000;
const mostRate = 384_000;

/** @throws SoundFault */
export function checkRate(samplesPerSecond: number): void {
  if (samplesPerSecond < leastRate || samplesPerSecond > mostRate)
    throw notPlayable(`of ${samplesPerSecond} samples a second, and may have ${leastRate} to ${mostRate}`);
}

/**
 * Wipes out the tags in which an MP3 file tells its length. llama-server's decoder makes room for what they say, and reads
 * on for as long; where they come to a single sample, its process ends. It looks for MP3 in any file that it cannot read.
 */
export function wipeLengthTags(bytes: Buffer): void {
  for (const tag of ["Xing", "Info", "VBRI"])
    for (let at = bytes.indexOf(tag); at !== -1; at = bytes.indexOf(tag, at + tag.length))
      bytes.fill(0, at, at + tag.length);
}

/** The fault of a file that is no sound, or none that can be measured. @param what it is instead */
export function notPlayable(what: string): SoundFault {
  return new SoundFault(`cannot be read: it is ${what}`);
}
