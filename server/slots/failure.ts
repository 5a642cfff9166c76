/** Why an engine is not there, in words for the operator. */
import { GatewayError, isGatewayError } from "../../lib/errors.ts";
import { diagnose } from "./doctor/diagnose.ts";
import type { Diagnosis, EndFacts } from "./doctor/facts.ts";
import { failedWithoutEnd } from "./doctor/known-ends.ts";
import { isOutOfMemoryKill } from "./doctor/memory-kills.ts";
import type { EngineLog } from "./engine-log.ts";
import { StartFailure } from "./engines/engine.ts";
import type { EngineExit } from "./processes/engine-process.ts";
import type { Failure } from "./state.ts";

/** Lines of a run that the doctor looks at: a debugger's trace of a crash may follow what matters. */
const readLines = 500;

/** What a slot knows of an engine that has ended. */
export interface EndedEngine extends Pick<EndFacts, "wasReady" | "settings"> {
  /** Set where we ended it ourselves. */
  known: Diagnosis | null;
  output: EngineLog;
}

/** Of an engine that had been ready. @param exit null where there was no process, as of a remote */
export function failureOfRun(engine: EndedEngine, isRemote: boolean, exit: EngineExit | null): Failure {
  return { kind: isRemote ? "unreachable" : "killed", ...diagnosisOf(engine, exit) };
}

/** Of a start that came to nothing. */
export function failureOfStart(engine: EndedEngine, error: unknown): Failure {
  const known = engine.known ?? failedWithoutEnd(error);
  const exit = error instanceof StartFailure ? error.exit : null;
  return { kind: kindOf(error, known), ...diagnosisOf({ ...engine, known }, exit) };
}

function kindOf(error: unknown, known: Diagnosis | null): Failure["kind"] {
  if (known?.cause === "load_timeout") return "timeout";
  if (isGatewayError(error)) return "unsuitable";
  return error instanceof StartFailure ? error.kind : "exited";
}

function diagnosisOf({ known, wasReady, settings, output }: EndedEngine, exit: EngineExit | null): Diagnosis {
  const lines = output.lastOfRun(readLines);
  return diagnose({ known, exit, isOutOfMemoryKill: isOutOfMemoryKill(), wasReady, settings, lines });
}

/** The answer to an operator whose load did not work. */
export function loadError({ kind, message }: Pick<Failure, "kind" | "message">): GatewayError {
  return new GatewayError(kind === "port_taken" ? "conflict" : "unprocessable", message);
}
