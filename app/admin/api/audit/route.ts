import { auditReply } from "@/lib/admin/audit-list.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { auditQuery } from "@/lib/admin/schemas/people.ts";

export const GET = adminRoute(
  async ({ query, services: { accounts, database } }) => {
    const { before = null, action = null, target = null, limit } = query;
    const entries = await database.auditLog.list({ beforeId: before, action, target }, limit);
    return Response.json({ data: entries.map((entry) => auditReply(entry, accounts)) });
  },
  { query: auditQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
