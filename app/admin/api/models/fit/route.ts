import { fitReply } from "@/lib/admin/fit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { fitRequest } from "@/lib/admin/schemas/fit.ts";

export const POST = adminRoute(
  async ({ body: { slot, ...request }, services }) =>
    Response.json(fitReply(await services.slots.fit(request, slot))),
  { body: fitRequest },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
