/** Answers of the admin API. */
import { errorBody, errorHeaders, GatewayError, toGatewayError } from "../errors.ts";
import { newRequestId } from "../gateway/exchange.ts";
import { logFailure } from "../gateway/reply.ts";

/** The request's own id where it has a sensible one, so that an admin's tool can find its action in the audit log. */
export function requestIdOf(request: Request): string {
  const own = request.headers.get("x-request-id");
  return own !== null && /^[\w.-]{1,100}$/.test(own) ? own : newRequestId(Date.now());
}

/** Adds what every answer carries. It may hold keys and balances, so nothing between here and the admin keeps it. */
export function finish(response: Response, requestId: string): Response {
  response.headers.set("x-request-id", requestId);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

/** The error's answer, and a line in the log where it is our fault. */
export function errorReply(thrown: unknown, requestId: string): Response {
  const error = toGatewayError(thrown);
  logFailure(requestId, error);
  const { status } = error;
  return finish(Response.json(errorBody(error), { status, headers: errorHeaders(error) }), requestId);
}

type Handler = (request: Request) => Response;

/** Handlers for the methods that a route does not have: 405 in the API's own shape. */
export function refuse(allowed: string): Handler {
  return (request) => {
    const { pathname } = new URL(request.url);
    const message = `${request.method} is not allowed on ${pathname}. Use ${allowed}.`;
    const response = errorReply(new GatewayError("method_not_allowed", message), requestIdOf(request));
    response.headers.set("allow", allowed);
    return response;
  };
}

/** For paths below `/admin/api`, `/user/api` and `/api` that are none of their endpoints. */
export function unknownPortalUrl(request: Request): Response {
  const { pathname } = new URL(request.url);
  const message = `Unknown request URL: ${request.method} ${pathname}.`;
  return errorReply(new GatewayError("unknown_url", message), requestIdOf(request));
}
