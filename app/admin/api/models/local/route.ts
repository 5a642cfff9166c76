import { localModelReply } from "@/lib/admin/local-models.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

export const GET = adminRoute(async ({ services }) =>
  Response.json({ models: (await services.slots.localModels()).map(localModelReply) }),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
