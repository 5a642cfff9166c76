/** A limit on how long a sender may pause in the middle of its request body. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errorBody, GatewayError } from "../../lib/errors.ts";

const idleReadMs = 30_000;

/** Ends a request whose body stops coming. Node's own `requestTimeout` would cut long uploads as well, so it is off. */
export function limitIdleRead(
  request: IncomingMessage,
  response: ServerResponse,
  limitMs = idleReadMs,
): void {
  const { headers, socket } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  const onTimeout = () => {
    if (request.complete) return;
    const error = new GatewayError(
      "request_timeout",
      `The request body paused for more than ${limitMs / 1000} s.`,
    );
    if (response.headersSent) socket.destroy();
    else {
      response.writeHead(error.status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(errorBody(error)), () => socket.destroy());
    }
  };
  socket.setTimeout(limitMs);
  socket.once("timeout", onTimeout);
  request.once("close", () => {
    socket.setTimeout(0);
    socket.removeListener("timeout", onTimeout);
  });
}
