/**
 * The fast lane: calls the `/v1` route handlers without Next, whose own handling costs about a millisecond of CPU a
 * request. The handlers stay ordinary Next route handlers; `npm run dev` serves them through Next.
 */
import { alreadySent } from "../../lib/gateway/node-response.ts";
import { methodNotAllowed, unknownUrl } from "../../lib/gateway/refusals.ts";

type Params = Record<string, string | string[]>;
/** Declared as a method, so that a route may be more precise about its own params. */
type Handler = {
  handle(request: Request, context: { params: Promise<Params> }): Response | Promise<Response>;
}["handle"];

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
type Method = (typeof methods)[number];

export interface LaneRoute {
  /** Next's notation: `/v1/models/[...id]`. */
  path: string;
  handlers: Partial<Record<Method, Handler>>;
}

/** Answers a request; `target` is its raw target, as `/v1/models?x=1`. */
export type Lane = (request: Request, target: string) => Response | Promise<Response>;

const noParams: Params = {};
const settledNoParams = Promise.resolve(noParams);

interface Match {
  route: LaneRoute;
  params: Params;
}

/** A function that answers any request below `/v1`. */
export function createLane(routes: readonly LaneRoute[]): Lane {
  const find = routeFinder(routes);
  return (request, target) => {
    const match = find(pathOf(target));
    if (!match) return unknownUrl(request);
    const handler = handlerFor(match.route, request.method);
    if (!handler) return methodNotAllowed(request, allowedMethods(match.route));
    const params = match.params === noParams ? settledNoParams : Promise.resolve(match.params);
    const response = handler(request, { params });
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
}

/** Whether the lane would refuse a request for its method: Next alone answers those without a body that says why. */
export function createMethodCheck(routes: readonly LaneRoute[]): (method: string, target: string) => boolean {
  const find = routeFinder(routes);
  return (method, target) => {
    const match = find(pathOf(target));
    return match !== null && handlerFor(match.route, method) !== undefined;
  };
}

function routeFinder(routes: readonly LaneRoute[]): (path: string) => Match | null {
  const fixed = new Map(routes.filter(({ path }) => !path.includes("[")).map((route) => [route.path, route]));
  const dynamic = routes.filter(({ path }) => path.includes("[")).sort(bySpecificity);
  return (path) => {
    const route = fixed.get(path);
    return route ? { route, params: noParams } : matchDynamic(dynamic, path);
  };
}

/** Node itself leaves out the body of what was sent already. */
async function withoutBody(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  return response === alreadySent ? response : new Response(null, response);
}

/** The path of a request target, without its query and a trailing slash. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  const end = query === -1 ? target.length : query;
  return target.slice(0, end > 1 && target[end - 1] === "/" ? end - 1 : end);
}

function handlerFor({ handlers }: LaneRoute, method: string): Handler | undefined {
  if (method === "HEAD") return handlers.GET;
  return methods.find((known) => known === method) ? handlers[method as Method] : undefined;
}

function allowedMethods({ handlers }: LaneRoute): string {
  return methods.filter((method) => handlers[method]).join(", ");
}

/** Longer patterns first, so that a catch-all only gets what nothing else takes. */
function bySpecificity(one: LaneRoute, other: LaneRoute): number {
  return other.path.split("/").length - one.path.split("/").length || one.path.localeCompare(other.path);
}

function matchDynamic(routes: readonly LaneRoute[], path: string): Match | null {
  const parts = path.split("/");
  for (const route of routes) {
    const params = matchPath(route.path.split("/"), parts);
    if (params) return { route, params };
  }
  return null;
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Params | null {
  const params: Params = {};
  for (const [index, piece] of pattern.entries()) {
    const name = /^\[(?:\.\.\.)?(.+)\]$/.exec(piece)?.[1];
    const part = parts[index];
    if (part === undefined) return null;
    if (name === undefined) {
      if (part !== piece) return null;
    } else if (piece.startsWith("[...")) {
      params[name] = parts.slice(index);
      return params;
    } else params[name] = part;
  }
  return pattern.length === parts.length ? params : null;
}
