/** One request's own facts: its id, its clock, and the headers that its answer will carry. */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Caller } from "../money/types.ts";
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
  /** As in usage rows; a look-up has a name of its own. Never what a client sent, as metrics are named by it. */
  readonly endpoint: string;
  readonly departure: Departure;
  readonly startedAtMs: number;
  /** Monotonic, for durations. */
  readonly startedMs: number;
  /** Monotonic times of the way through, for `server-timing` and the usage row. */
  admittedMs: number;
  queueMs: number;
  /** When the engine was asked, and when it was done; null until then. */
  askedMs: number | null;
  answeredMs: number | null;
  firstTokenMs: number | null;
  /** Who asks, once that is known. */
  caller: Caller | null;
  /** What the caller's request limit had left, or null where no limit applies. */
  requests: WindowState | null;
  /** The same of the limit on tokens per minute. */
  tokens: TokenWindowState | null;
  /** Whether it was counted and logged (record.ts). */
  isRecorded: boolean;
}

/** Stands on the response, for answers that the server gives over the exchange's head. */
const exchangeKey = Symbol("exchange");

type KnownResponse = ServerResponse & { [exchangeKey]?: Exchange };

/** What no endpoint answers, as an unknown path. */
const noEndpoint = "none";

/** Opens the exchange for a request that has just arrived. */
export function openExchange(request: Request, errors = openaiErrors, endpoint = noEndpoint): Exchange {
  const nowMs = performance.now();
  const startedAtMs = Date.now();
  const exchange: Exchange = {
    id: newRequestId(startedAtMs),
    request,
    errors,
    endpoint,
    departure: new Departure(request),
    startedAtMs,
    startedMs: nowMs,
    admittedMs: nowMs,
    queueMs: 0,
    askedMs: null,
    answeredMs: null,
    firstTokenMs: null,
    caller: null,
    requests: null,
    tokens: null,
    isRecorded: false,
  };
  const response: KnownResponse | undefined = responseOf(request);
  if (response) response[exchangeKey] = exchange;
  return exchange;
}

/** The exchange that this response belongs to, where one was opened. */
export function exchangeOf(response: KnownResponse): Exchange | undefined {
  return response[exchangeKey];
}

/** The id of the exchange that this response belongs to; a new one where none was opened. */
export function requestIdOf(response: KnownResponse): string {
  return exchangeOf(response)?.id ?? newRequestId(Date.now());
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
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-request-id": exchange.id,
    "openai-processing-ms": totalMs.toFixed(0),
    "server-timing": serverTiming(exchange, nowMs),
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

/**
 * Where the time until these headers went; the four parts make up `openai-processing-ms`. A whole answer's engine has
 * done its work by now. A stream's has just begun to answer, so its part is the time to its first event. What is left is
 * the gateway's own: the request for the engine, the answer, and the commit of the charge.
 */
function serverTiming(exchange: Exchange, nowMs: number): string {
  const { startedMs, admittedMs, queueMs, askedMs, answeredMs } = exchange;
  const admissionMs = admittedMs - startedMs;
  const engineMs = askedMs === null ? 0 : (answeredMs ?? nowMs) - askedMs;
  const gatewayMs = Math.max(0, nowMs - startedMs - admissionMs - queueMs - engineMs);
  return `admission;dur=${admissionMs.toFixed(2)}, queue;dur=${queueMs.toFixed(1)}, engine;dur=${engineMs.toFixed(1)}, gateway;dur=${gatewayMs.toFixed(2)}`;
}
