/** Answers to what is no valid HTTP, in the shape of all other refusals: Node would give a bare status. */
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorBody, GatewayError } from "../../lib/errors.ts";
import { newRequestId, requestIdOf } from "../../lib/gateway/exchange.ts";
import { refusalHeaders } from "./refuse.ts";
import { linger } from "./unread-body.ts";

/** What Node's parser, or its clock, has against what came. */
interface ClientError extends Error {
  code?: string;
  /** The parser's own words. */
  reason?: string;
}

/** Node keeps the answer that is due next on its socket, and looks there itself before it writes its bare status. */
type ServerSocket = Socket & { _httpMessage?: ServerResponse | null };

/**
 * For the server's `clientError` event. Nothing is written where the connection is broken, or into an answer that has
 * begun: the client must not take it for a part of that.
 */
export function answerClientError(error: ClientError, socket: ServerSocket): void {
  const answer = socket._httpMessage;
  if (!socket.writable || answer?.headersSent) {
    socket.destroy();
    return;
  }
  socket.write(rawRefusal(refusalOf(error), answer ? requestIdOf(answer) : newRequestId(Date.now())));
  linger(socket);
}

function refusalOf({ code, reason }: ClientError): GatewayError {
  if (code === "HPE_HEADER_OVERFLOW")
    return new GatewayError("headers_too_large", "The request's headers are too large.");
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW")
    return new GatewayError("payload_too_large", "The request's chunk extensions are too large.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new GatewayError("request_timeout", "The request's headers took too long.");
  return new GatewayError(
    "invalid_request",
    `The request is not valid HTTP: ${reason ?? "it is malformed"}.`,
  );
}

/** The refusal as bytes of HTTP/1.1, for where there is no response to write it with. */
export function rawRefusal(error: GatewayError, requestId: string): string {
  const body = JSON.stringify(errorBody(error));
  const headers = {
    ...refusalHeaders(error, requestId),
    date: new Date().toUTCString(),
    "content-length": String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join("")}\r\n${body}`;
}
