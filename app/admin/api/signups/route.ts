import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { signupReply } from "@/lib/signups/decide.ts";
import { signupsQuery } from "@/lib/signups/schemas.ts";

export const GET = adminRoute(
  async ({ query: { status = null, before = null, limit }, services }) => {
    const found = await services.database.signups.list(status, before, limit);
    return Response.json({ data: found.map(signupReply) });
  },
  { query: signupsQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
