/** What is answered for the portal where Next could not be started. */
import type { ServerResponse } from "node:http";
import { GatewayError } from "../../lib/errors.ts";
import { isPortalApi, isV1 } from "./areas.ts";
import { refuse } from "./refuse.ts";

const message = "The portal could not be started. The log says why.";

/** A program gets the error in its API's shape, a browser a sentence. In development Next serves `/v1` as well. */
export function refuseWithoutPortal(response: ServerResponse): void {
  const target = response.req.url ?? "/";
  if (isV1(target) || isPortalApi(target)) refuse(response, new GatewayError("portal_unavailable", message));
  else response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}
