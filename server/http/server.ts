/** The HTTP server: the fast lane for `/v1`, `/health` at any time, everything else to Next. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { GatewayError } from "../../lib/errors.ts";
import { healthResponse } from "../../lib/gateway/health.ts";
import { rememberResponse } from "../../lib/gateway/node-response.ts";
import { currentRuntime } from "../../lib/runtime.ts";
import { limitIdleRead } from "./idle-read.ts";
import { createLane, createMethodCheck, pathOf } from "./lane.ts";
import { laneRoutes } from "./lane-routes.ts";
import { refuse } from "./refuse.ts";
import { targetFault } from "./request-target.ts";

const keepAliveTimeoutMs = 75_000;

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface HttpOptions {
  /** False in development: Next serves `/v1` too, so that changed handlers are reloaded. */
  lane: boolean;
  /** Next's handler. It may still be getting ready when the first requests come. */
  next: Promise<NodeHandler>;
}

export interface CountingServer {
  server: Server;
  /** Requests that have not been answered to the end. */
  runningRequests(): number;
}

/** A server that is not listening yet. */
export function createHttpServer({ lane, next }: HttpOptions): CountingServer {
  const answer = createLane(laneRoutes);
  const isAllowed = createMethodCheck(laneRoutes);
  const options = { overrideGlobalObjects: true };
  const laneListener = getRequestListener((request, { incoming, outgoing }) => {
    if (outgoing instanceof ServerResponse) rememberResponse(request, outgoing);
    return answer(request, incoming.url ?? "/");
  }, options);
  const healthListener = getRequestListener(() => healthResponse(currentRuntime()), options);
  let running = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    running++;
    response.once("close", () => running--);
    const target = request.url ?? "/";
    const fault = targetFault(target);
    if (fault !== null) return refuse(response, new GatewayError("invalid_request", fault));
    limitIdleRead(request, response);
    if (target.startsWith("/v1/") || target === "/v1") {
      if (lane || !isAllowed(request.method ?? "GET", target)) return laneListener(request, response);
      request.url = withoutTrailingSlash(target);
    }
    if (isHealth(target)) return healthListener(request, response);
    return next.then(
      (handler) => handler(request, response),
      () => response.writeHead(503).end("The portal could not be started. The log says why.\n"),
    );
  };
  const server = createServer((request, response) => {
    if (response.socket) handle(request, response);
    // Sent before the one ahead was answered. It would not notice that its client leaves, so it waits for its turn.
    else response.once("socket", () => handle(request, response));
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.requestTimeout = 0;
  return { server, runningRequests: () => running };
}

/** Next would answer it with a redirect, which clients do not follow with a POST. */
function withoutTrailingSlash(target: string): string {
  const path = pathOf(target);
  const query = target.indexOf("?");
  return query === -1 ? path : path + target.slice(query);
}

function isHealth(target: string): boolean {
  return target === "/health" || target === "/health/" || target.startsWith("/health?");
}
