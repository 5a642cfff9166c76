import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { loadModel } from "@/lib/admin/schemas.ts";
import { firstEmptySlot, slotActionReply } from "@/lib/admin/slots.ts";

/** The load is the supervisor's: it goes on when the one who asked has gone. */
export const POST = adminRoute(
  async ({ body: { slot, wait, ...request }, services: { slots } }) => {
    const snapshot = await slots.load(slot ?? (await firstEmptySlot(slots)), request, { wait });
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
