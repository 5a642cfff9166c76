/** Refusals that the server gives by itself, before a handler has a say. */
import type { ServerResponse } from "node:http";
import { errorHeaders, type GatewayError } from "../../lib/errors.ts";
import { crossOriginHeaders } from "../../lib/gateway/cross-origin.ts";
import { errorsAt } from "../../lib/gateway/error-dialect.ts";
import { exchangeOf, openExchange } from "../../lib/gateway/exchange.ts";
import { recordAnswer } from "../../lib/gateway/record.ts";
import { logFailure } from "../../lib/gateway/reply.ts";
import { outcomeOf } from "../../lib/gateway/settle.ts";
import { isV1 } from "./areas.ts";
import { laneRequest } from "./lane-request.ts";
import { lingerAfter } from "./unread-body.ts";

/** Answers with the error and ends the connection, as what else comes on it was meant for the request that is refused. */
export function refuse(response: ServerResponse, error: GatewayError): void {
  const { method, url = "", headers } = response.req;
  const errors = errorsAt(url);
  const exchange = exchangeOf(response) ?? openExchange(laneRequest(response.req, response));
  const requestId = exchange.id;
  logFailure(requestId, error);
  recordAnswer(exchange, error.status, outcomeOf(error));
  lingerAfter(response);
  response.writeHead(error.status, {
    ...refusalHeaders(error, requestId),
    ...(errors.requestIdHeader && { [errors.requestIdHeader]: requestId }),
    ...(isV1(url) && crossOriginHeaders(method, headers.origin)),
  });
  response.end(JSON.stringify(errors.body(error, requestId)));
}

/** The headers of a refusal that ends its connection. */
export function refusalHeaders(error: GatewayError, requestId: string): Record<string, string> {
  return {
    ...errorHeaders(error),
    "content-type": "application/json",
    "x-request-id": requestId,
    connection: "close",
  };
}
