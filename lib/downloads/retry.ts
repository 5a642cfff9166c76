/** When a download tries again. */

/** Failures in a row without progress. With the waits below, a network that is away for ten minutes is survived. */
export const maxFailures = 10;

/** So much in one attempt is progress: the count of failures starts anew. */
export const progressBytes = 1024 * 1024;

const firstWaitMs = 1_000;
const longestWaitMs = 120_000;

/**
 * Milliseconds to wait after a number of failures in a row.
 * @param askedS what the server asks for
 */
export function waitMs(failures: number, askedS: number | null): number {
  const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
  return Math.max(backoffMs, (askedS ?? 0) * 1000);
}
