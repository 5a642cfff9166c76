import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { logsQuery, slotParams } from "@/lib/admin/schemas.ts";

export const GET = adminRoute(
  ({ params, query, services }) => Response.json({ data: services.slots.logs(params.slot, query.lines) }),
  { params: slotParams, query: logsQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
