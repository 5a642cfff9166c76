/** One request to an engine that answers in one piece of JSON. */
import { GatewayError } from "../../lib/errors.ts";
import { Departure } from "../../lib/gateway/departure.ts";
import type { UpstreamRequest } from "../../lib/gateway/endpoint.ts";
import { forward } from "../../lib/gateway/forward.ts";
import type { Lease } from "../../lib/slots/types.ts";
import type { Asking } from "./timed-answer.ts";

/** @throws GatewayError when the engine refuses, ends or hangs, and for what is no JSON */
export async function askWhole(
  lease: Lease,
  request: UpstreamRequest,
  { signal, stallMs }: Asking,
): Promise<unknown> {
  const pieces: Buffer[] = [];
  const departure = new Departure(new Request("http://gateway.internal/", { signal }));
  await forward(lease, request, departure, stallMs, {
    wantsMore: true,
    onDrain: null,
    onLeft: null,
    onData: (bytes) => pieces.push(bytes),
  });
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (error) {
    throw new GatewayError("engine_crashed", "The engine behind this model sent what is no answer.", {
      cause: error,
    });
  }
}
