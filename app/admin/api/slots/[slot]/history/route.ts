import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { historyQuery } from "@/lib/admin/schemas/slot-runs.ts";
import { slotParams } from "@/lib/admin/schemas.ts";
import { slotRunReply } from "@/lib/admin/slot-runs.ts";

export const GET = adminRoute(
  async ({ params, query, services }) => {
    // Refuses a slot that is not there.
    services.slots.logs(params.slot, 0);
    const runs = await services.database.slotRuns.history(params.slot, query.limit);
    return Response.json({ data: runs.map(slotRunReply) });
  },
  { params: slotParams, query: historyQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
