/** Node's own response behind a request of the fast lane: what is written to it needs no Web streams, nor a `Response`. */
import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";

/** Stands on the request. A WeakMap would carry each request into V8's old generation: 20 us of garbage collection. */
const responseKey = Symbol("response");

type LaneRequest = Request & { [responseKey]?: ServerResponse };

/** What a handler returns when it has answered, or will, through Node's response: the lane then sends nothing itself. */
export const alreadySent: Response = RESPONSE_ALREADY_SENT;

/** Tells which response a request is answered by: the fast lane knows it. */
export function rememberResponse(request: LaneRequest, response: ServerResponse): void {
  request[responseKey] = response;
}

/** The response that this request is answered by; undefined where Next serves it. */
export function responseOf(request: LaneRequest): ServerResponse | undefined {
  return request[responseKey];
}
