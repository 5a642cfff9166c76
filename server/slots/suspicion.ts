/**
 * Whether an engine hangs although it answers `/health`. Decisions only; watchdog.ts carries them out.
 *
 * Clients often give up long before `engine_stall_s`, and each that leaves takes its evidence along. So a request that
 * ends in silence casts suspicion on its engine, and the engine is asked for a piece of work. A healthy one cannot fail:
 * - Any request that moves is as good as the work. A long prompt keeps everybody else waiting, the proof too, and shows
 *   its progress meanwhile; so do the others where every sequence is taken.
 * - Where nothing moves, the engine is within a batch: it notices only afterwards that the client has left. Then it shows
 *   that it begins with the proof, which another one's first batch may still delay. For each of these steps it has
 *   `engine_stall_s`, as for each batch of a client that stays.
 */

/** What is known when a request on an engine ends. */
export interface Ending {
  /** How long the engine had shown no work to anybody, within the time of this request. */
  silentMs: number;
  /** The engine shows all the time that it works: the silence of another one tells nothing. */
  showsWork: boolean;
  /** It is being asked for a proof already. */
  isProving: boolean;
}

/**
 * True when the engine shall show that it works.
 * @param suspicionMs silence from which on an ending is suspicious
 */
export function isSuspicious({ silentMs, showsWork, isProving }: Ending, suspicionMs: number): boolean {
  return showsWork && !isProving && silentMs >= suspicionMs;
}

/** How a proof ended. Times are monotonic. */
export interface Proof {
  /** `refused`: an error came instead, as with too many open files. That may be bad, but it is no hang. */
  outcome: "given" | "refused" | "none";
  /** When the proof last showed that the engine is at it, or else when it was asked for. */
  lastStepMs: number;
  /** When anything on the engine last moved. */
  lastProgressMs: number;
}

/** True when the engine shall be ended. */
export function isHung({ outcome, lastStepMs, lastProgressMs }: Proof): boolean {
  return outcome === "none" && lastProgressMs <= lastStepMs;
}
