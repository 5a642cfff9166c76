/** Answers that no endpoint gives: preflights, wrong methods, unknown paths. */
import { GatewayError } from "../errors.ts";
import { preflightHeaders } from "./cross-origin.ts";
import { errorsAt } from "./error-dialect.ts";
import { openExchange } from "./exchange.ts";
import { errorResponse } from "./reply.ts";

/** A browser's question whether it may call `/v1` from another origin: it may. */
export function preflight(): Response {
  return new Response(null, { status: 204, headers: preflightHeaders });
}

export function unknownUrl(request: Request): Response {
  const { pathname } = new URL(request.url);
  return errorResponse(
    openExchange(request, errorsAt(pathname)),
    new GatewayError(
      "unknown_url",
      `Unknown request URL: ${request.method} ${pathname}. See /v1/models for a start.`,
    ),
  );
}

/** @param allowed methods, as in the `Allow` header */
export function methodNotAllowed(request: Request, allowed: string): Response {
  const { pathname } = new URL(request.url);
  return errorResponse(
    openExchange(request, errorsAt(pathname)),
    new GatewayError(
      "method_not_allowed",
      `${request.method} is not allowed on ${pathname}. Use ${allowed}.`,
    ),
    { allow: allowed },
  );
}
