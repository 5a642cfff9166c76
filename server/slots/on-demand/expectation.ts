/** How long a model takes to load, as far as anybody can know. */

/** What a slow disk reads in a second: rather too long a wait announced than too short a one. */
const bytesPerSecond = 200_000_000;
/** A process starts, and proves that it works. */
const leastMs = 500;

/** Where no earlier load tells, in milliseconds. */
export function estimatedLoadMs(sizeBytes: number): number {
  return leastMs + (sizeBytes / bytesPerSecond) * 1000;
}
