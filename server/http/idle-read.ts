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
  // A small body has come with its headers by the next turn: most requests need no timer.
  setImmediate(() => {
    if (!request.complete && !response.closed) watchBody(request, response, limitMs);
  });
}

/** A timer of its own: the socket's is Node's, for connections that rest between requests. */
function watchBody(request: IncomingMessage, response: ServerResponse, limitMs: number): void {
  const { socket } = request;
  let seenBytes = socket.bytesRead;
  const timer = setInterval(() => {
    if (!request.complete && socket.bytesRead > seenBytes) {
      seenBytes = socket.bytesRead;
      return;
    }
    clearInterval(timer);
    if (!request.complete) giveUp(request, response, limitMs);
  }, limitMs).unref();
  response.once("close", () => clearInterval(timer));
}

function giveUp({ socket }: IncomingMessage, response: ServerResponse, limitMs: number): void {
  if (response.headersSent) {
    socket.destroy();
    return;
  }
  const message = `The request body paused for more than ${limitMs / 1000} s.`;
  refuse(response, new GatewayError("request_timeout", message));
}
