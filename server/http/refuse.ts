/** Refusals that the server gives by itself, before a handler has a say. */
import type { ServerResponse } from "node:http";
import { errorBody, errorHeaders, type GatewayError } from "../../lib/errors.ts";
import { newRequestId } from "../../lib/gateway/exchange.ts";

/**
 * Answers with the error and ends the connection, as what else comes on it was meant for the request that is refused.
 * @param onSent called when the answer is with the system
 */
export function refuse(response: ServerResponse, error: GatewayError, onSent?: () => void): void {
  response.writeHead(error.status, {
    ...errorHeaders(error),
    "content-type": "application/json",
    "x-request-id": newRequestId(Date.now()),
    connection: "close",
    // Any origin may call `/v1`, so its pages may read why they were refused.
    ...(response.req.url?.startsWith("/v1/") && { "access-control-allow-origin": "*" }),
  });
  response.end(JSON.stringify(errorBody(error)), onSent);
}
