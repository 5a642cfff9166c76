/**
 * The way of every `/v1` request, stage by stage. There is no other way to an engine: live voice and the playground
 * walk it too. A stage takes what earlier ones found, and refuses by throwing a GatewayError.
 */
import { GatewayError } from "../errors.ts";
import type { Caller } from "../money/types.ts";
import { type Runtime, runtime } from "../runtime.ts";
import { admit } from "./admit.ts";
import type { Admitted } from "./admitted.ts";
import { streamAnswer, wholeAnswer } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { chooseModel } from "./choose-model.ts";
import type { BaseCall, Endpoint } from "./endpoint.ts";
import { openaiErrors } from "./error-dialect.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import type { Turn } from "./idempotency/answers.ts";
import { namedRequest } from "./idempotency/named-request.ts";
import { rateLimitReached } from "./limits/request-limiter.ts";
import { readCall } from "./read-call.ts";
import { errorResponse, jsonResponse, keptResponse } from "./reply.ts";

/** Answers a request that needs a model. Never rejects: failures become error answers in the words of its API. */
export async function serve<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  request: Request,
): Promise<Response> {
  const exchange = openExchange(request, endpoint.errors, endpoint.name);
  let turn: Turn | null = null;
  try {
    const services = openServices();
    const config = services.config.current;
    const caller = enter(exchange, services); //                                            401, 403, 429
    const named = namedRequest(request, caller.key.id, endpoint.name); //                   400
    const { call, bodyBytes } = await (endpoint.readBody
      ? endpoint.readBody(request, config.limits, named)
      : readCall(request, endpoint, config.limits.body_mb, named)); //                      400, 413, 415
    const streamReader = call.stream ? endpoint.streamReader : null;
    if (named && !streamReader) {
      const found = await services.idempotentAnswers.find(named, request.signal); //        422
      if ("body" in found) return keptResponse(exchange, found);
      turn = found;
    }
    const rules = { aliases: config.aliases, fallback: config.routing.fallback };
    const model = chooseModel(call.model, endpoint.needs(call), services.slots.models(), rules); // 400, 404
    exchange.admittedMs = performance.now();
    const { startedMs: countedMs, requests } = exchange;
    const wish = { caller, model, call, bodyBytes, countedMs, requests };
    const grant = admit(endpoint, wish, services, exchange.admittedMs); //                  402, 403, 429, 503
    exchange.tokens = grant.tokens;
    const admitted: Admitted = {
      exchange,
      endpointName: endpoint.name,
      caller,
      grant,
      streamed: streamReader !== null,
      slotPort: null,
      reader: null,
      mediaCount: null,
      notedTokens: null,
      turn,
      place: -1,
    };
    services.underWay.add(admitted);
    // From here on the request owes a usage row: answer.ts leases an engine, proxies, meters and settles.
    return streamReader
      ? await streamAnswer(endpoint, streamReader, call, admitted)
      : await wholeAnswer(endpoint, call, admitted);
  } catch (error) {
    return errorResponse(exchange, error);
  } finally {
    turn?.end();
  }
}

/**
 * Answers a request that only looks something up: the same key, the same limit, no engine and no charge.
 * @param name what it is called in metrics and the log, as `models.list`
 */
export async function lookUp(
  request: Request,
  name: string,
  find: (services: Runtime, caller: Caller) => unknown,
): Promise<Response> {
  const exchange = openExchange(request, openaiErrors, name);
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
  exchange.caller = caller;
  const { isAllowed, state } = services.limiter.count(caller, services.config.current, exchange.startedMs);
  exchange.requests = state;
  if (!isAllowed && state) throw rateLimitReached(state);
  return caller;
}
