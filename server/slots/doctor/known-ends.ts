/** Ends that need no doctor: we ended it ourselves, or no process was there to end. */
import { isGatewayError } from "../../../lib/errors.ts";
import { type FailureKind, StartFailure } from "../engines/engine.ts";
import type { Diagnosis } from "./facts.ts";
import { check, loadAgain } from "./next-steps.ts";

export const unloaded: Diagnosis = { cause: "unloaded", message: "It was unloaded.", nextStep: null };
export const replaced: Diagnosis = {
  cause: "replaced",
  message: "Something else was loaded in its place.",
  nextStep: null,
};
export const restarted: Diagnosis = { cause: "restarted", message: "It was restarted.", nextStep: null };
export const gatewayStopped: Diagnosis = {
  cause: "gateway_stopped",
  message: "The gateway was stopped.",
  nextStep: null,
};
/** Of runs whose gateway had no chance to say so itself. */
export const gatewayEnded: Diagnosis = {
  cause: "gateway_ended",
  message: "The gateway ended without warning while it ran; when that was is not known.",
  nextStep: null,
};

/** The watchdog has found it out. */
export function hung(reason: string): Diagnosis {
  return { cause: "hung", message: reason, nextStep: null };
}

export function loadTimeout(limitS: number): Diagnosis {
  const message = `The model was not ready within ${limitS} s (load_timeout_s).`;
  return {
    cause: "load_timeout",
    message,
    nextStep: check("Raise load_timeout_s, or load a smaller model."),
  };
}

const causes: Partial<Record<FailureKind, string>> = {
  port_taken: "port_taken",
  unreachable: "unreachable",
  unsuitable: "unsuitable",
};

/** A start that failed without the end of a process; null where there was one. */
export function failedWithoutEnd(error: unknown): Diagnosis | null {
  const message = error instanceof Error ? error.message : String(error);
  if (isGatewayError(error)) return { cause: "unsuitable", message, nextStep: null };
  if (!(error instanceof StartFailure))
    return { cause: "not_working", message: `The engine does not work: ${message}`, nextStep: loadAgain };
  const cause = causes[error.kind];
  if (cause === undefined) return null;
  const nextStep = cause === "port_taken" ? check("End the other program, then load the model again.") : null;
  return { cause, message, nextStep };
}
