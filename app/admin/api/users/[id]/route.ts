import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { changeUser, idParams } from "@/lib/admin/schemas.ts";
import { refuseOwnEnd, userChange, userReply } from "@/lib/admin/users.ts";

export const PATCH = adminRoute(
  async ({ body, params, services, caller, actor }) => {
    const change = userChange(body);
    refuseOwnEnd(caller, params.id, change);
    const { reason = "Changed by an administrator" } = body;
    return Response.json(userReply(await services.accounts.updateUser(params.id, change, actor, reason)));
  },
  { body: changeUser, params: idParams },
);

const others = refuse("PATCH");
export const GET = others;
export const POST = others;
export const PUT = others;
export const DELETE = others;
