/** The way of every admin request: who asks, what for, the handler, the answer. */
import type { z } from "zod";
import { GatewayError } from "../errors.ts";
import { authenticate } from "../gateway/authenticate.ts";
import type { Actor, Caller } from "../money/types.ts";
import { type Runtime, runtime } from "../runtime.ts";
import { readBody, readParams, readQuery } from "./read.ts";
import { errorReply, finish, requestIdOf } from "./reply.ts";

/** What a handler gets: everything is checked by then. */
export interface AdminCall<Body, Params, Query> {
  body: Body;
  params: Params;
  query: Query;
  /** For a body that is no JSON: it is there to be read where no schema of one is named. */
  request: Request;
  services: Runtime;
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

/**
 * A route handler for admins. The handler's answer goes out with a request id and is never stored; what it throws
 * becomes an error answer. No header lets a browser of another origin read it.
 * @param schemas of what the request carries; what is not named is not read
 */
export function adminRoute<Body = undefined, Params = undefined, Query = undefined>(
  handler: (call: AdminCall<Body, Params, Query>) => Response | Promise<Response>,
  schemas: AdminSchemas<Body, Params, Query> = {},
): (request: Request, context: RouteContext) => Promise<Response> {
  return async (request, context) => {
    const requestId = requestIdOf(request);
    try {
      const services = runtime();
      const caller = authenticateAdmin(request, services); //                  401, 403
      const params = readParams(await context.params, schemas.params); //      400
      const query = readQuery(request.url, schemas.query); //                  400
      const body = await readBody(request, schemas.body); //                   400, 413, 415
      const actor = { userId: caller.account.id, keyId: caller.key.id, requestId };
      const response = await handler({ body, params, query, request, services, caller, actor });
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
