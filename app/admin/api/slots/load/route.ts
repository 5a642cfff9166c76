import { audit } from "@/lib/admin/audit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { loadModel } from "@/lib/admin/schemas.ts";
import { firstEmptySlot, slotActionReply } from "@/lib/admin/slots.ts";

/** The load is the supervisor's: it goes on when the one who asked has gone. */
export const POST = adminRoute(
  async ({ body: { slot, wait, force, ...request }, services, actor }) => {
    const port = slot ?? (await firstEmptySlot(services.slots));
    const model = request.remote?.model ?? request.model_path;
    const after = { model, ...(force && { force }) };
    await audit(services, actor, "slot.load", `slot:${port}`, { before: { model: null }, after });
    const snapshot = await services.slots.load(port, request, { wait, force });
    return wait
      ? Response.json(slotActionReply("loaded", snapshot))
      : Response.json(slotActionReply("loading", snapshot), { status: 202 });
  },
  { body: loadModel },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
