/** `GET /metrics`: what a monitoring system reads. */
import { createHash, timingSafeEqual } from "node:crypto";
import { errorReply, finish, refuse } from "../admin/reply.ts";
import { authenticateAdmin } from "../admin/route.ts";
import { GatewayError } from "../errors.ts";
import { presentedKey } from "../gateway/authenticate.ts";
import { newRequestId } from "../gateway/exchange.ts";
import type { Runtime } from "../runtime.ts";

const methodNotAllowed = refuse("GET, HEAD");

/**
 * For whoever presents an admin's API key, or the configuration's `metrics_token` as a bearer token. Where the request
 * comes from makes no difference: behind a reverse proxy everybody comes from this machine.
 */
export async function metricsResponse(request: Request, services: Runtime | null): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return methodNotAllowed(request);
  const requestId = newRequestId(Date.now());
  try {
    if (!services)
      throw new GatewayError("engine_unavailable", "The gateway is starting. Try again in a moment.");
    if (!hasMetricsToken(request, services.config.current.metrics_token))
      authenticateAdmin(request, services);
    const { metrics } = services;
    const text = await metrics.text();
    return finish(new Response(text, { headers: { "content-type": metrics.contentType } }), requestId);
  } catch (error) {
    return errorReply(error, requestId);
  }
}

function hasMetricsToken({ headers }: Request, token: string | null): boolean {
  if (token === null || headers.get("authorization") === null) return false;
  const presented = presentedKey(headers);
  // Hashes are of one length, and tell nothing by the time that comparing them takes.
  return presented !== null && timingSafeEqual(sha256(presented), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
