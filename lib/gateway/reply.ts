/** Answers of the gateway's own making: errors and plain JSON. */
import { errorHeaders, type GatewayError, toGatewayError } from "../errors.ts";
import { runtime } from "../runtime.ts";
import { answerHeaders, type Exchange } from "./exchange.ts";
import type { Replay } from "./idempotency/answers.ts";
import { alreadySent, endResponse, responseOf } from "./node-response.ts";
import { recordAnswer } from "./record.ts";
import { outcomeOf } from "./settle.ts";

/** A JSON answer with the headers of every `/v1` answer. */
export function jsonResponse(exchange: Exchange, body: string): Response {
  return wholeResponse(exchange, body, "application/json");
}

/** An answer in one piece, with the headers of every `/v1` answer. */
export function wholeResponse(exchange: Exchange, body: string, contentType: string): Response {
  recordAnswer(exchange, 200, "ok");
  return send(exchange, 200, answerHeaders(exchange, contentType), body);
}

/** An answer that was given before, to the same request. */
export function keptResponse(exchange: Exchange, { body, contentType }: Replay): Response {
  recordAnswer(exchange, 200, "ok");
  const headers = { ...answerHeaders(exchange, contentType), "idempotent-replayed": "true" };
  return send(exchange, 200, headers, body);
}

/**
 * The error as an answer. What is not the client's fault is logged with its cause, which never leaves.
 * @param more headers that this refusal has beyond the usual ones
 */
export function errorResponse(exchange: Exchange, thrown: unknown, more?: Record<string, string>): Response {
  const error = toGatewayError(thrown);
  logFailure(exchange.id, error);
  recordAnswer(exchange, error.status, outcomeOf(error));
  const headers = { ...answerHeaders(exchange, "application/json"), ...errorHeaders(error), ...more };
  return send(exchange, error.status, headers, JSON.stringify(exchange.errors.body(error, exchange.id)));
}

function send(exchange: Exchange, status: number, headers: Record<string, string>, body: string): Response {
  const response = responseOf(exchange.request);
  if (!response) return new Response(body, { status, headers });
  if (response.headersSent) return alreadySent; // The sender paused for too long, and was told so.
  headers["content-length"] = String(Buffer.byteLength(body));
  endResponse(response.writeHead(status, headers), body);
  return alreadySent;
}

/** An error in the middle of a stream: the stream ends after it. */
export function errorEvent(exchange: Exchange, error: GatewayError, eventsSent?: number): Buffer {
  logFailure(exchange.id, error);
  return Buffer.from(exchange.errors.event(error, exchange.id, eventsSent));
}

/** Logs what is our fault with its cause; what is the client's needs no log. */
export function logFailure(requestId: string, error: GatewayError): void {
  if (error.status < 500) return;
  const cause = error.cause instanceof Error ? error.cause.stack : error.cause;
  try {
    runtime().log.warn({ requestId, code: error.code, cause }, error.message);
  } catch {
    // Before the services are up there is no log to write to; the client still gets its answer.
  }
}
