/** One request's own facts: its id, its clock, and the headers that its answer will carry. */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { crossOriginHeaders } from "./cross-origin.ts";
import { Departure } from "./departure.ts";
import { type ErrorDialect, openaiErrors } from "./error-dialect.ts";
import type { WindowState } from "./limits/sliding-window.ts";
import type { TokenWindowState } from "./limits/token-window.ts";
import { responseOf } from "./node-response.ts";

export interface Exchange {
  /** Also `x-request-id` and the usage row's id: always ours, as a client could send the same one twice. */
  readonly id: string;
  readonly request: Request;
  readonly errors: ErrorDialect;
  readonly departure: Departure;
  readonly startedAtMs: number;
  /** Monotonic, for durations. */
  readonly startedMs: number;
  /** Monotonic times of the way through, for `server-timing` and the usage row. */
  admittedMs: number;
  queueMs: number;
  firstTokenMs: number | null;
  /** What the caller's request limit had left, or null where no limit applies. */
  requests: WindowState | null;
  /** The same of the limit on tokens per minute. */
  tokens: TokenWindowState | null;
}

/** Stands on the response, for answers that the server gives over the exchange's head. */
const idKey = Symbol("request id");

type KnownResponse = ServerResponse & { [idKey]?: string };

/** Opens the exchange for a request that has just arrived. */
export function openExchange(request: Request, errors = openaiErrors): Exchange {
  const nowMs = performance.now();
  const startedAtMs = Date.now();
  const id = newRequestId(startedAtMs);
  const response: KnownResponse | undefined = responseOf(request);
  if (response) response[idKey] = id;
  return {
    id,
    request,
    errors,
    departure: new Departure(request),
    startedAtMs,
    startedMs: nowMs,
    admittedMs: nowMs,
    queueMs: 0,
    firstTokenMs: null,
    requests: null,
    tokens: null,
  };
}

/** The id of the exchange that this response belongs to; a new one where none was opened. */
export function requestIdOf(response: KnownResponse): string {
  return response[idKey] ?? newRequestId(Date.now());
}

/** Begins with the time, so that new rows of the database's index of ids stand side by side; the rest is random. */
export function newRequestId(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  const uuid = randomUUID();
  return `req_${time}${uuid.slice(0, 8)}${uuid.slice(24)}`;
}

/** The headers that every `/v1` answer carries. */
export function answerHeaders(exchange: Exchange, contentType: string): Record<string, string> {
  const nowMs = performance.now();
  const totalMs = nowMs - exchange.startedMs;
  const admissionMs = exchange.admittedMs - exchange.startedMs;
  const engineMs = Math.max(0, totalMs - admissionMs - exchange.queueMs);
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-request-id": exchange.id,
    "openai-processing-ms": totalMs.toFixed(0),
    "server-timing": `admission;dur=${admissionMs.toFixed(2)}, queue;dur=${exchange.queueMs.toFixed(1)}, engine;dur=${engineMs.toFixed(1)}`,
  };
  const { request, requests, tokens, errors } = exchange;
  if (errors.requestIdHeader) headers[errors.requestIdHeader] = exchange.id;
  Object.assign(headers, crossOriginHeaders(request.method, request.headers.get("origin")));
  if (requests) {
    headers["x-ratelimit-limit-requests"] = String(requests.limit);
    headers["x-ratelimit-remaining-requests"] = String(requests.remaining);
    headers["x-ratelimit-reset-requests"] = `${Math.ceil(requests.resetMs / 1000)}s`;
  }
  if (tokens) {
    headers["x-ratelimit-limit-tokens"] = String(tokens.limit);
    headers["x-ratelimit-remaining-tokens"] = String(tokens.remaining);
    headers["x-ratelimit-reset-tokens"] = `${Math.ceil(tokens.resetMs / 1000)}s`;
  }
  return headers;
}
