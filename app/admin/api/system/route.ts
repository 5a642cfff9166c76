import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { systemReply } from "@/lib/system/reply.ts";

export const GET = adminRoute(async ({ services }) =>
  Response.json(systemReply(await services.system.figures())),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
