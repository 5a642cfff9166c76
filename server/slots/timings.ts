/** How long things may take, where no one configures it. Milliseconds; tests pass shorter ones. */
import type { OnDemandTimings } from "./on-demand/on-demand.ts";
import { type RestartPolicy, restartPolicy } from "./state.ts";

export interface Timings {
  restart: RestartPolicy;
  /** After SIGTERM; then the engine is killed. */
  stopGraceMs: number;
  /** Between looks at an engine from which nothing is heard. */
  probeEveryMs: number;
  /** For one answer to such a look. */
  probeAnswerMs: number;
  /** Looks in a row without an answer, until the engine counts as dead. */
  maxSilentProbes: number;
  /**
   * Silence of an engine from which on a request that ends casts suspicion on it. More than most people need to think
   * better of a question, as the test costs the engine a piece of work; much less than the time-outs of clients, which
   * begin at about 10 s and count the time in line, too.
   */
  suspicionMs: number;
  /** Between looks for new model files. */
  rescanEveryMs: number;
  onDemand: OnDemandTimings;
}

export const timings: Timings = {
  restart: restartPolicy,
  stopGraceMs: 5_000,
  probeEveryMs: 5_000,
  probeAnswerMs: 5_000,
  maxSilentProbes: 3,
  suspicionMs: 3_000,
  rescanEveryMs: 30_000,
  onDemand: { roomEveryMs: 200, idleEveryMs: 1_000, tellEveryMs: 2_000 },
};
