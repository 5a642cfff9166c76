/** Asks an engine under suspicion to do a piece of work. */
import type { RunningEngine } from "./engines/engine.ts";
import type { Gate } from "./queue/gate.ts";
import { isHung, type Proof } from "./suspicion.ts";

/**
 * Resolves when the work is done, has failed, or nothing is to be seen of it for too long.
 * @param limitMs for the beginning of the work, and for each step of it
 * @returns true when the engine hangs
 */
export async function lacksProof(
  gate: Gate,
  running: Pick<RunningEngine, "prove">,
  limitMs: number,
): Promise<boolean> {
  let lastStepMs = performance.now();
  const tooLong = new AbortController();
  const deadline = setTimeout(() => tooLong.abort(), limitMs);
  const onStep = () => {
    // As good as a request that moves: no other one's silence is held against the engine before this moment.
    gate.worked();
    lastStepMs = gate.lastProgressMs;
    deadline.refresh();
  };
  const outcome = await running
    .prove(tooLong.signal, onStep)
    .then<Proof["outcome"], Proof["outcome"]>(
      () => "given",
      () => (tooLong.signal.aborted ? "none" : "refused"),
    )
    .finally(() => clearTimeout(deadline));
  return isHung({ outcome, lastStepMs, lastProgressMs: gate.lastProgressMs });
}
