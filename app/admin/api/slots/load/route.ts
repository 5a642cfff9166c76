import { auditedSlotAction } from "@/lib/admin/audited.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { loadModel } from "@/lib/admin/schemas.ts";
import { slotActionReply } from "@/lib/admin/slots.ts";

/** The load is the supervisor's: it goes on when the one who asked has gone. */
export const POST = adminRoute(
  async ({ body: { slot, wait, force, ...request }, services, actor }) => {
    const snapshot = await auditedSlotAction(
      { services, actor },
      "slot.load",
      (onBegun) => services.slots.load(slot ?? "any", request, { wait, force, onBegun }),
      force ? { force } : {},
    );
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
