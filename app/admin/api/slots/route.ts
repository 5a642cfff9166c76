import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { slotReply } from "@/lib/admin/slots.ts";

export const GET = adminRoute(async ({ services }) =>
  Response.json({ slots: (await services.slots.snapshot()).map(slotReply) }),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
