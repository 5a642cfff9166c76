import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { usageQuery } from "@/lib/admin/schemas.ts";
import { usageFilter, usageGroupReply } from "@/lib/admin/usage.ts";

export const GET = adminRoute(
  async ({ query, services }) => {
    const { database, accounts } = services;
    const groups = await database.dailyUsage.grouped(query.group_by, usageFilter(query, Date.now()));
    return Response.json({ data: groups.map((group) => usageGroupReply(group, accounts)) });
  },
  { query: usageQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
