/** Node's own response behind a request of the fast lane: what is written to it needs no Web streams, nor a `Response`. */
import type { ServerResponse } from "node:http";

/** Stands on the request. A WeakMap would carry each request into V8's old generation: 20 us of garbage collection. */
const responseKey = Symbol("response");

type LaneRequest = Request & { [responseKey]?: ServerResponse };

/** What a handler returns when it has answered, or will, through Node's response: the lane then sends nothing itself. */
export const alreadySent: Response = new Response();

/** Tells which response a request is answered by: the fast lane knows it. */
export function rememberResponse(request: LaneRequest, response: ServerResponse): void {
  request[responseKey] = response;
}

/** The response that this request is answered by; undefined where Next serves it. */
export function responseOf(request: LaneRequest): ServerResponse | undefined {
  return request[responseKey];
}

/** How long a client may take nothing of an answer that waits for it. */
const unreadMs = 60_000;

/** Ends the answer. Node has no limit of its own for a client that does not fetch what is left. */
export function endResponse(response: ServerResponse, bytes?: Uint8Array | string): void {
  response.end(bytes);
  // Node itself ends a socket that rests for so long, and sets the limit anew for the next request on it.
  if (response.writableLength > 0) response.socket?.setTimeout(unreadMs);
}
