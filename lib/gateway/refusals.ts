/** Answers that no endpoint gives: preflights, wrong methods, unknown paths. */
import { GatewayError } from "../errors.ts";
import { openExchange } from "./exchange.ts";
import { errorResponse } from "./reply.ts";

const preflightHeaders = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-allow-headers": "*, authorization",
  "access-control-max-age": "86400",
};

/** A browser's question whether it may call `/v1` from another origin: it may, as `/v1` reads no cookies. */
export function preflight(): Response {
  return new Response(null, { status: 204, headers: preflightHeaders });
}

export function unknownUrl(request: Request): Response {
  const { pathname } = new URL(request.url);
  return errorResponse(
    openExchange(request),
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
    openExchange(request),
    new GatewayError(
      "method_not_allowed",
      `${request.method} is not allowed on ${pathname}. Use ${allowed}.`,
    ),
    { allow: allowed },
  );
}
