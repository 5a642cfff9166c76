import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls until the condition holds and gives what it returned.
 * @param what ends the sentence "Waited 5000 ms for ..."
 * @throws Error when the time is over, with the condition's last error as its cause
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 25 } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      const result = await condition();
      if (result) return result as NonNullable<Exclude<T, false>>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}`, { cause: lastError });
}
