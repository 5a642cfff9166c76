/** What it takes to load once more what has failed. */
import { GatewayError } from "../../lib/errors.ts";
import type { LoadChange, LoadRequest } from "../../lib/slots/types.ts";
import type { Slot } from "./slot.ts";

/**
 * Makes a slot ready to be loaded once more, once it is sure that there is something that can be loaded.
 * @param change options that win over those of the load that failed; absent: the doctor's, where it has any
 * @param plan throws for what cannot be run
 * @throws GatewayError 409 where nothing has failed, and what `plan` throws
 */
export async function prepareRetry(
  slot: Pick<Slot, "port" | "state" | "want">,
  change: LoadChange | undefined,
  plan: (request: LoadRequest) => Promise<unknown>,
): Promise<LoadRequest> {
  const request = requestOf(slot, change);
  await plan(request);
  // One that has crashed would be started as it was.
  if (slot.state.status === "crashed") slot.want(null);
  return request;
}

function requestOf({ port, state }: Pick<Slot, "port" | "state">, change?: LoadChange): LoadRequest {
  const { status, wish, failure } = state;
  if (!wish || !failure || (status !== "failed" && status !== "crashed"))
    throw new GatewayError("conflict", `Slot ${port} is ${status}: nothing has failed there.`);
  const known = failure.nextStep?.action === "load" ? failure.nextStep.change : {};
  return { ...wish.request, ...(change ?? known) };
}
