/** What the measuring of sound files shares. */
import { GatewayError } from "../errors.ts";

/**
 * Steps that measuring a file may take: more than four hours of the shortest frames have. Everybody waits meanwhile, and a
 * file may be made so that each of its bytes looks like a beginning.
 */
const maxSteps = 2_000_000;

/** @throws GatewayError 400 */
export function checkSteps(steps: number, most = maxSteps): void {
  if (steps > most) throw notPlayable("damaged, or made of too many pieces");
}

/** The refusal of a file that is no sound, or none that can be measured. @param what it is instead */
export function notPlayable(what: string): GatewayError {
  return new GatewayError("invalid_request", `\`file\` cannot be read: it is ${what}.`, { param: "file" });
}
