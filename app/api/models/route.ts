import { refuse } from "@/lib/admin/reply.ts";
import { runtime } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";

/** Public: which models are here, and in what state. */
export function GET(): Response {
  const models = runtime().slots.models();
  return Response.json(
    { models: models.map(({ id, type, status }) => ({ id, type, status })) },
    { headers: { "cache-control": "no-store" } },
  );
}

const others = refuse("GET, HEAD");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
