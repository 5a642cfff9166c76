/** Who may open an events socket: decided before the connection becomes one. */
import type { IncomingMessage } from "node:http";
import { authenticateAdmin } from "../../../lib/admin/route.ts";
import { GatewayError } from "../../../lib/errors.ts";
import { eventsProtocol, ticketPrefix } from "../../../lib/events/messages.ts";
import { isOwnOrigin } from "../../../lib/events/origin.ts";
import type { Caller } from "../../../lib/money/types.ts";
import type { Runtime } from "../../../lib/runtime.ts";

/**
 * The caller, by an admin's key or by a ticket that is used up here.
 * @throws GatewayError 401, 403; 503 while the gateway starts
 */
export function admit(request: IncomingMessage, services: Runtime | null): Caller {
  if (!services)
    throw new GatewayError("engine_unavailable", "The gateway is starting. Try again in a moment.");
  if (!isOwnOrigin(request.headers, services.config.current.public_url))
    throw new GatewayError("permission_denied", "Pages of another origin may not open this socket.");
  const ticket = offeredProtocols(request).find((protocol) => protocol.startsWith(ticketPrefix));
  if (ticket === undefined)
    return authenticateAdmin(new Request("http://localhost", webInit(request)), services);
  const caller = services.events.redeemTicket(ticket.slice(ticketPrefix.length));
  if (caller && mayWatch(caller)) return caller;
  throw new GatewayError("invalid_api_key", "This ticket is not valid. It may be used, expired or mistyped.");
}

/** False as soon as the key is revoked or expired, or its owner disabled or no admin any more. Both are live. */
export function mayWatch({ account, key }: Caller): boolean {
  const isExpired = key.expiresAtMs !== null && key.expiresAtMs <= Date.now();
  return account.active && account.tier === "admin" && key.revokedAtMs === null && !isExpired;
}

/** The answer names one of the protocols that were offered, or browsers refuse it; a ticket never comes back. */
export function chosenProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(eventsProtocol) && eventsProtocol;
}

function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
}

/** What a key may be in. */
function webInit({ headers }: IncomingMessage): RequestInit {
  const kept = { authorization: headers.authorization, "x-api-key": headers["x-api-key"] };
  return {
    headers: Object.entries(kept).flatMap(([name, value]) =>
      value ? [[name, String(value)] as [string, string]] : [],
    ),
  };
}
