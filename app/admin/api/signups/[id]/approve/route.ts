import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { idParams } from "@/lib/admin/schemas.ts";
import { approve, findSignup } from "@/lib/signups/decide.ts";
import { approveSignup } from "@/lib/signups/schemas.ts";

export const POST = adminRoute(
  async ({ request, body, params, services, actor }) => {
    const signup = await findSignup(params.id, services);
    return Response.json(await approve(signup, body, services, actor, request.headers));
  },
  { body: approveSignup, params: idParams },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
