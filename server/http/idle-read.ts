/** A limit on how long a sender may pause in the middle of its request body. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError } from "../../lib/errors.ts";
import { refuse } from "./refuse.ts";

const idleReadMs = 30_000;

/** Ends a request whose body stops coming. Node's own `requestTimeout` would cut long uploads as well, so it is off. */
export function limitIdleRead(
  request: IncomingMessage,
  response: ServerResponse,
  limitMs = idleReadMs,
): void {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  // A small body has come with its headers when this turn ends: most requests need no timer.
  process.nextTick(() => {
    if (!request.complete) armTimer(request, response, limitMs);
  });
}

function armTimer(request: IncomingMessage, response: ServerResponse, limitMs: number): void {
  const { socket } = request;
  // Node destroys the socket on a timeout unless the request itself listens for it.
  request.setTimeout(limitMs, () => {
    if (request.complete) return;
    if (response.headersSent) {
      socket.destroy();
      return;
    }
    const message = `The request body paused for more than ${limitMs / 1000} s.`;
    refuse(response, new GatewayError("request_timeout", message), () => socket.destroy());
  });
  request.once("end", () => socket.setTimeout(0));
}
