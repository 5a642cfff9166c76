/** How long things may take, where no one configures it. Milliseconds; tests pass shorter ones. */
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
  /** For an engine under suspicion to do a piece of work. */
  proofMs: number;
  /** Between looks for new model files. */
  rescanEveryMs: number;
}

export const timings: Timings = {
  restart: restartPolicy,
  stopGraceMs: 5_000,
  probeEveryMs: 5_000,
  probeAnswerMs: 5_000,
  maxSilentProbes: 3,
  proofMs: 20_000,
  rescanEveryMs: 30_000,
};
