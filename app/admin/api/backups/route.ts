import { backupReply } from "@/lib/admin/backups.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

export const GET = adminRoute(async ({ services }) =>
  Response.json({ data: (await services.backups.list()).map(backupReply) }),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
