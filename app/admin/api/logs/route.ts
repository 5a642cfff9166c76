import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { gatewayLogsQuery } from "@/lib/admin/schemas/slot-runs.ts";

export const GET = adminRoute(
  ({ query, services }) => Response.json({ data: services.ownLog.last(query.lines) }),
  { query: gatewayLogsQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
