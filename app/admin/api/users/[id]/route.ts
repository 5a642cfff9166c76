import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { deleteUser } from "@/lib/admin/schemas/people.ts";
import { changeUser, idParams } from "@/lib/admin/schemas.ts";
import {
  checkDeletion,
  knownAccount,
  refuseOwnEnd,
  userChange,
  userReply,
  userWithKeys,
} from "@/lib/admin/users.ts";

export const GET = adminRoute(
  ({ params, services: { accounts } }) =>
    Response.json(userWithKeys(knownAccount(accounts, params.id), accounts)),
  { params: idParams },
);

export const PATCH = adminRoute(
  async ({ body, params, services, caller, actor }) => {
    const change = userChange(body);
    refuseOwnEnd(caller, params.id, change);
    const { reason = "Changed by an administrator" } = body;
    return Response.json(userReply(await services.accounts.updateUser(params.id, change, actor, reason)));
  },
  { body: changeUser, params: idParams },
);

export const DELETE = adminRoute(
  async ({ body, params, services: { accounts, backups, commitments }, caller, actor }) => {
    const { id } = params;
    checkDeletion(caller, knownAccount(accounts, id), body.confirm);
    const older = await backups.list();
    const erased = await accounts.deleteUser(id, () => commitments.ofUser(id).inFlight > 0, actor);
    return Response.json({ id, deleted: true, erased, backups: older.map(({ name }) => name) });
  },
  { body: deleteUser, params: idParams },
);

const others = refuse("GET, PATCH, DELETE");
export const POST = others;
export const PUT = others;
