/**
 * The way of every `/v1` request, stage by stage. There is no other way to an engine: live voice and the playground
 * walk it too. A stage takes what earlier ones found, and refuses by throwing a GatewayError.
 */
import { GatewayError } from "../errors.ts";
import type { Caller } from "../money/types.ts";
import { type Runtime, runtime } from "../runtime.ts";
import { admit } from "./admit.ts";
import { streamAnswer, wholeAnswer } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { chooseModel } from "./choose-model.ts";
import type { BaseCall, Endpoint } from "./endpoint.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { rateLimitReached } from "./limits/request-limiter.ts";
import { readCall } from "./read-call.ts";
import { errorResponse, jsonResponse } from "./reply.ts";
import type { Admitted } from "./settle.ts";

/** Answers a request that needs a model. Never rejects: failures become error answers in the words of its API. */
export async function serve<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  request: Request,
): Promise<Response> {
  const exchange = openExchange(request, endpoint.errors);
  try {
    const services = openServices();
    const config = services.config.current;
    const caller = enter(exchange, services); //                                            401, 403, 429
    const { call, bodyBytes } = await (endpoint.readBody
      ? endpoint.readBody(request, config.limits)
      : readCall(request, endpoint, config.limits.body_mb)); //                             400, 413, 415
    const rules = { aliases: config.aliases, fallback: config.routing.fallback };
    const model = chooseModel(call.model, endpoint.needs(call), services.slots.models(), rules); // 400, 404
    exchange.admittedMs = performance.now();
    const wish = { caller, model, call, bodyBytes };
    const grant = admit(endpoint, wish, services, exchange.admittedMs); //                  402, 403, 429, 503
    exchange.tokens = grant.tokens;
    const streamReader = call.stream ? endpoint.streamReader : null;
    const admitted: Admitted = {
      exchange,
      endpointName: endpoint.name,
      caller,
      grant,
      streamed: streamReader !== null,
      slotPort: null,
    };
    // From here on the request owes a usage row: answer.ts leases an engine, proxies, meters and settles.
    return streamReader
      ? await streamAnswer(endpoint, streamReader(call, grant), call, admitted)
      : await wholeAnswer(endpoint, call, admitted);
  } catch (error) {
    return errorResponse(exchange, error);
  }
}

/** Answers a request that only looks something up: the same key, the same limit, no engine and no charge. */
export async function lookUp(
  request: Request,
  find: (services: Runtime, caller: Caller) => unknown,
): Promise<Response> {
  const exchange = openExchange(request);
  try {
    const services = openServices();
    const caller = enter(exchange, services);
    return jsonResponse(exchange, JSON.stringify(await find(services, caller)));
  } catch (error) {
    return errorResponse(exchange, error);
  }
}

function openServices(): Runtime {
  const services = runtime();
  if (services.status === "draining")
    throw new GatewayError("draining", "The gateway is shutting down. Try again in a moment.");
  return services;
}

/** Key and requests per minute: both before the body is read. */
function enter(exchange: Exchange, services: Runtime): Caller {
  const caller = authenticate(exchange.request, services.accounts);
  const { isAllowed, state } = services.limiter.count(caller, services.config.current, exchange.startedMs);
  exchange.requests = state;
  if (!isAllowed && state) throw rateLimitReached(state);
  return caller;
}
