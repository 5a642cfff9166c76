import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { idParams } from "@/lib/admin/schemas.ts";
import { refuseOwnKey } from "@/lib/admin/users.ts";

export const DELETE = adminRoute(
  async ({ params, services, caller, actor }) => {
    refuseOwnKey(caller, params.id);
    await services.accounts.revokeKey(params.id, actor);
    return Response.json({ id: params.id, deleted: true });
  },
  { params: idParams },
);

const others = refuse("DELETE");
export const GET = others;
export const POST = others;
export const PUT = others;
export const PATCH = others;
