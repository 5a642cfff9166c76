/** The way of every request to the portal's APIs: who asks, what for, the handler, the answer. */
import type { z } from "zod";
import { GatewayError } from "../errors.ts";
import { authenticate } from "../gateway/authenticate.ts";
import type { Actor, Caller } from "../money/types.ts";
import { type Runtime, runtime } from "../runtime.ts";
import { readBody, readParams, readQuery } from "./read.ts";
import { errorReply, finish, requestIdOf } from "./reply.ts";

/** What a handler gets: everything is checked by then. */
export interface PortalCall<Body, Params, Query> {
  body: Body;
  params: Params;
  query: Query;
  /** For a body that is no JSON: it is there to be read where no schema of one is named. */
  request: Request;
  services: Runtime;
}

/** The same where somebody has shown a key. */
export interface AdminCall<Body, Params, Query> extends PortalCall<Body, Params, Query> {
  caller: Caller;
  /** For the audit log. */
  actor: Actor;
}

export interface AdminSchemas<Body, Params, Query> {
  body?: z.ZodType<Body>;
  /** Of the path. */
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
}

/** What Next hands to a route handler besides the request. */
interface RouteContext {
  params: Promise<unknown>;
}

type Route = (request: Request, context: RouteContext) => Promise<Response>;
type MaybeSoon<Value> = Value | Promise<Value>;

/**
 * A route handler for admins. The handler's answer goes out with a request id and is never stored; what it throws
 * becomes an error answer. No header lets a browser of another origin read it.
 * @param schemas of what the request carries; what is not named is not read
 */
export function adminRoute<Body = undefined, Params = undefined, Query = undefined>(
  handler: (call: AdminCall<Body, Params, Query>) => MaybeSoon<Response>,
  schemas: AdminSchemas<Body, Params, Query> = {},
): Route {
  return keyRoute(authenticateAdmin, handler, schemas);
}

/** The same for whoever has a key of an active account. */
export function userRoute<Body = undefined, Params = undefined, Query = undefined>(
  handler: (call: AdminCall<Body, Params, Query>) => MaybeSoon<Response>,
  schemas: AdminSchemas<Body, Params, Query> = {},
): Route {
  return keyRoute((request, { accounts }) => authenticate(request, accounts), handler, schemas);
}

/**
 * The same for anybody.
 * @param letIn throws for who is not to be heard; nothing of the body is read by then
 */
export function publicRoute<Body = undefined, Params = undefined, Query = undefined>(
  letIn: (request: Request, services: Runtime) => void,
  handler: (call: PortalCall<Body, Params, Query>) => MaybeSoon<Response>,
  schemas: AdminSchemas<Body, Params, Query> = {},
): Route {
  return portalRoute(letIn, (call) => handler(call), schemas);
}

function keyRoute<Body, Params, Query>(
  identify: (request: Request, services: Runtime) => Caller,
  handler: (call: AdminCall<Body, Params, Query>) => MaybeSoon<Response>,
  schemas: AdminSchemas<Body, Params, Query>,
): Route {
  const actorOf = ({ account, key }: Caller, requestId: string) => ({
    userId: account.id,
    keyId: key.id,
    requestId,
  });
  return portalRoute(
    identify,
    (call, caller, requestId) => handler({ ...call, caller, actor: actorOf(caller, requestId) }),
    schemas,
  );
}

function portalRoute<Who, Body, Params, Query>(
  identify: (request: Request, services: Runtime) => Who,
  handler: (call: PortalCall<Body, Params, Query>, who: Who, requestId: string) => MaybeSoon<Response>,
  schemas: AdminSchemas<Body, Params, Query>,
): Route {
  return async (request, context) => {
    const requestId = requestIdOf(request);
    try {
      const services = runtime();
      const who = identify(request, services); //                              401, 403, 429
      const params = readParams(await context.params, schemas.params); //      400
      const query = readQuery(request.url, schemas.query); //                  400
      const body = await readBody(request, schemas.body); //                   400, 413, 415
      const response = await handler({ request, body, params, query, services }, who, requestId);
      return finish(response, requestId);
    } catch (error) {
      return errorReply(error, requestId);
    }
  };
}

/** @throws GatewayError 401 without a valid key; 403 for a disabled account, or one that is no admin's */
export function authenticateAdmin(request: Request, { accounts }: Runtime): Caller {
  const caller = authenticate(request, accounts);
  if (caller.account.tier === "admin") return caller;
  throw new GatewayError("permission_denied", "This needs an administrator's API key.");
}
