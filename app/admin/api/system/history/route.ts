import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { systemHistory } from "@/lib/system/history.ts";
import { systemHistoryQuery } from "@/lib/system/schemas.ts";

export const GET = adminRoute(
  async ({ query, services }) =>
    new Response(await systemHistory(query, services.database, Date.now()), {
      headers: { "content-type": "application/json" },
    }),
  { query: systemHistoryQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
