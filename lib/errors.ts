/** Every refusal the gateway can give: one table from code to status, and one error class that carries it. */

/** Status, OpenAI's `type`, the wire `code`, and whether SDKs may repeat the request. */
interface ErrorKind {
  status: number;
  type: string;
  code: string | null;
  shouldRetry?: false;
}

const kinds = {
  invalid_request: { status: 400, type: "invalid_request_error", code: null },
  context_length_exceeded: { status: 400, type: "invalid_request_error", code: "context_length_exceeded" },
  invalid_api_key: { status: 401, type: "invalid_request_error", code: "invalid_api_key" },
  insufficient_balance: {
    status: 402,
    type: "insufficient_quota",
    code: "insufficient_balance",
    shouldRetry: false,
  },
  permission_denied: { status: 403, type: "permission_error", code: null },
  not_found: { status: 404, type: "invalid_request_error", code: "not_found" },
  model_not_found: { status: 404, type: "invalid_request_error", code: "model_not_found" },
  unknown_url: { status: 404, type: "invalid_request_error", code: "unknown_url" },
  method_not_allowed: { status: 405, type: "invalid_request_error", code: "method_not_allowed" },
  request_timeout: { status: 408, type: "invalid_request_error", code: "request_timeout" },
  conflict: { status: 409, type: "conflict_error", code: null },
  payload_too_large: { status: 413, type: "invalid_request_error", code: "payload_too_large" },
  unsupported_media_type: { status: 415, type: "invalid_request_error", code: "unsupported_media_type" },
  idempotency_key_reused: { status: 422, type: "invalid_request_error", code: "idempotency_key_reused" },
  unprocessable: { status: 422, type: "invalid_request_error", code: null },
  rate_limit_exceeded: { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  budget_exceeded: { status: 429, type: "insufficient_quota", code: "budget_exceeded", shouldRetry: false },
  headers_too_large: { status: 431, type: "invalid_request_error", code: "headers_too_large" },
  client_closed: { status: 499, type: "invalid_request_error", code: "client_closed" },
  internal: { status: 500, type: "server_error", code: null },
  engine_crashed: { status: 502, type: "server_error", code: "engine_crashed" },
  hub_failed: { status: 502, type: "server_error", code: "hub_failed" },
  hub_unavailable: { status: 503, type: "server_error", code: "hub_unavailable" },
  engine_unavailable: { status: 503, type: "server_error", code: "engine_unavailable" },
  queue_full: { status: 503, type: "server_error", code: "queue_full" },
  draining: { status: 503, type: "server_error", code: "draining" },
  portal_unavailable: { status: 503, type: "server_error", code: "portal_unavailable" },
  storage_unavailable: { status: 503, type: "server_error", code: "storage_unavailable" },
  engine_timeout: { status: 504, type: "server_error", code: "engine_timeout" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorCodes = Object.keys(kinds) as readonly ErrorCode[];

export interface ErrorOptions {
  /** Path of the offending field, as `messages[0].content`. */
  param?: string;
  /** Seconds until a repeat makes sense; sent as `Retry-After`. */
  retryAfterS?: number;
  /** Forbids SDKs to repeat the request, as after tokens were already generated. */
  shouldRetry?: false;
  /** What really happened: for the log, never for the client. */
  cause?: unknown;
}

/** `server.ts` and Next's bundles hold two copies of this class, so `instanceof` cannot tell: this mark can. */
const mark = Symbol.for("llm-gateway.error");

/** A refusal whose message is meant for the client: what is wrong, and what to do about it. */
export class GatewayError extends Error {
  readonly [mark] = true;
  override readonly name = "GatewayError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }

  get status(): number {
    return kinds[this.code].status;
  }
}

/** True for a GatewayError of either module copy. */
export function isGatewayError(value: unknown): value is GatewayError {
  return typeof value === "object" && value !== null && mark in value;
}

/** The error to answer with: ours as it is; anything else becomes a plain 500 that keeps its cause for the log. */
export function toGatewayError(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  return new GatewayError("internal", "The gateway hit an internal error. Please try again.", {
    cause: error,
  });
}

/** OpenAI's error body. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** Body of an error as OpenAI's clients read it. */
export function errorBody(error: GatewayError): ErrorBody {
  const { type, code } = kinds[error.code];
  return { error: { message: error.message, type, param: error.options.param ?? null, code } };
}

/** Headers that tell clients when, or whether, to try again. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = {};
  const retryAfterS = error.options.retryAfterS ?? (error.status === 503 ? 5 : undefined);
  if (retryAfterS !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(retryAfterS)));
  const kind: ErrorKind = kinds[error.code];
  if ((error.options.shouldRetry ?? kind.shouldRetry) === false) headers["x-should-retry"] = "false";
  return headers;
}
