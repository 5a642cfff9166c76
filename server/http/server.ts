/** The HTTP server: the fast lane for `/v1`, `/health` and `/metrics` at any time, everything else to Next. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refuse as refuseMethod } from "../../lib/admin/reply.ts";
import { peerHeader } from "../../lib/client-address.ts";
import { healthResponse } from "../../lib/gateway/health.ts";
import { metricsResponse } from "../../lib/metrics/response.ts";
import { currentRuntime } from "../../lib/runtime.ts";
import { isEvents, isPortalApi, isV1 } from "./areas.ts";
import { answerClientError } from "./client-error.ts";
import { EventSockets } from "./events/event-sockets.ts";
import { limitIdleRead } from "./idle-read.ts";
import { createLane, createMethodCheck, pathOf } from "./lane.ts";
import { laneRequest } from "./lane-request.ts";
import { laneRoutes } from "./lane-routes.ts";
import { refuseWithoutPortal } from "./portal-refusal.ts";
import { refuse } from "./refuse.ts";
import { hostFault, targetFault } from "./request-target.ts";
import { sendAnswer } from "./send-answer.ts";
import { closeAfterEarlyAnswer } from "./unread-body.ts";
import { EventsUpgradeMessage } from "./upgrades.ts";

const keepAliveTimeoutMs = 75_000;

/** HAProxy's checks ask with OPTIONS unless they are told otherwise. */
const healthMethods = ["GET", "HEAD", "OPTIONS"];
/** Any other, as TRACE, is a 500 there. */
const nextMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpOptions {
  /** False in development: Next serves `/v1` too, so that changed handlers are reloaded. */
  lane: boolean;
  /** Next's handler. It may still be getting ready when the first requests come. */
  next: Promise<NodeHandler>;
  /** Takes upgrades that are not ours, as in development. Absent: they are requests like any other. */
  nextUpgrade?: UpgradeHandler | undefined;
}

export interface CountingServer {
  server: Server;
  /** Requests that have not been answered to the end. */
  runningRequests(): number;
  /** Says goodbye to the sockets of live events; resolves when they have ended. */
  closeSockets(): Promise<void>;
}

/** A server that is not listening yet. */
export function createHttpServer({ lane, next, nextUpgrade }: HttpOptions): CountingServer {
  const answer = createLane(laneRoutes);
  const isAllowed = createMethodCheck(laneRoutes);
  let running = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    running++;
    response.once("close", () => running--);
    const target = request.url ?? "/";
    closeAfterEarlyAnswer(request, response);
    const fault = targetFault(target) ?? hostFault(request);
    if (fault !== null) return refuse(response, fault);
    limitIdleRead(request, response);
    if (isV1(target) && (lane || !isAllowed(request.method ?? "GET", target)))
      return sendAnswer(response, () => answer(laneRequest(request, response), target));
    if (isPath("/health", target))
      return sendAnswer(response, () =>
        healthMethods.includes(request.method ?? "")
          ? healthResponse(currentRuntime())
          : refuseMethod(healthMethods.join(", "))(laneRequest(request, response)),
      );
    if (isPath("/metrics", target))
      return sendAnswer(response, () => metricsResponse(laneRequest(request, response), currentRuntime()));
    if (!nextMethods.includes(request.method ?? ""))
      return sendAnswer(response, () => refuseMethod(nextMethods.join(", "))(laneRequest(request, response)));
    if (isV1(target) || isPortalApi(target)) request.url = withoutTrailingSlash(target);
    // Next tells handlers nothing of the connection.
    request.headers[peerHeader] = request.socket.remoteAddress ?? "";
    return next.then(
      (handler) => handler(request, response),
      () => refuseWithoutPortal(response),
    );
  };
  const messages = nextUpgrade ? {} : { IncomingMessage: EventsUpgradeMessage };
  const server = createServer({ requireHostHeader: false, ...messages }, (request, response) => {
    if (response.socket) handle(request, response);
    // Sent before the one ahead was answered. It would not notice that its client leaves, so it waits for its turn.
    else response.once("socket", () => handle(request, response));
  });
  server.on("clientError", answerClientError);
  const events = new EventSockets();
  server.on("upgrade", (request, socket, head) => {
    if (isEvents(request.url ?? "")) events.handleUpgrade(request, socket, head);
    else nextUpgrade?.(request, socket, head);
  });
  // Node would refuse an expectation that it does not know without a word; none has to be met (RFC 9110, 10.1.1).
  server.on("checkExpectation", handle);
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.requestTimeout = 0;
  return { server, runningRequests: () => running, closeSockets: () => events.close() };
}

/** Next would answer it with a redirect, which clients do not follow with a POST. */
function withoutTrailingSlash(target: string): string {
  const path = pathOf(target);
  const query = target.indexOf("?");
  return query === -1 ? path : path + target.slice(query);
}

function isPath(path: string, target: string): boolean {
  return target.startsWith(path) && pathOf(target) === path;
}
