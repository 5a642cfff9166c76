/** Why an engine is not there, in words for the operator. */
import { GatewayError, isGatewayError } from "../../lib/errors.ts";
import type { EngineLog } from "./engine-log.ts";
import { StartFailure } from "./engines/engine.ts";
import type { Failure } from "./state.ts";

/** Lines of the engine's output that go with it. */
const shownLines = 8;

export function describeFailure(error: unknown, output: EngineLog): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (isGatewayError(error)) return { kind: "unsuitable", message };
  if (!(error instanceof StartFailure))
    return { kind: "exited", message: withLastLines(`The engine does not work: ${message}`, output) };
  const hasOutput = error.kind === "exited" || error.kind === "killed";
  return { kind: error.kind, message: hasOutput ? withLastLines(message, output) : message };
}

export function withLastLines(message: string, output: EngineLog): string {
  return [message, ...output.lastOfRun(shownLines)].join("\n");
}

/** The answer to an operator whose load did not work. */
export function loadError({ kind, message }: Failure): GatewayError {
  return new GatewayError(kind === "port_taken" ? "conflict" : "unprocessable", message);
}
