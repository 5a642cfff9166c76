/** `GET /health`: what a load balancer asks. */
import type { Runtime } from "../runtime.ts";

/** 200 only while requests are taken; without a key, so nothing is told that is not public. */
export function healthResponse(services: Pick<Runtime, "status" | "slots"> | null): Response {
  const status = services?.status ?? "starting";
  return Response.json(
    { status, timestamp: new Date().toISOString(), active_slots: services?.slots.readyCount() ?? 0 },
    { status: status === "ok" ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
