/** What it takes to load once more what has failed. */
import { GatewayError } from "../../lib/errors.ts";
import type { LoadChange, LoadRequest } from "../../lib/slots/types.ts";
import type { Slot } from "./slot.ts";

/**
 * @param change options that win over those of the load that failed; absent: the doctor's, where it has any
 * @throws GatewayError 409 where nothing has failed
 */
export function retryRequest(
  { port, state }: Pick<Slot, "port" | "state">,
  change?: LoadChange,
): LoadRequest {
  const { status, wish, failure } = state;
  if (!wish || !failure || (status !== "failed" && status !== "crashed"))
    throw new GatewayError("conflict", `Slot ${port} is ${status}: nothing has failed there.`);
  const known = failure.nextStep?.action === "load" ? failure.nextStep.change : {};
  return { ...wish.request, ...(change ?? known) };
}
