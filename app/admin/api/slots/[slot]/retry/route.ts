import { auditedSlotAction } from "@/lib/admin/audited.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { retrySlot } from "@/lib/admin/schemas/slot-runs.ts";
import { slotParams } from "@/lib/admin/schemas.ts";
import { slotActionReply } from "@/lib/admin/slots.ts";

export const POST = adminRoute(
  async ({ params: { slot }, body: { change, wait }, services, actor }) => {
    const snapshot = await auditedSlotAction(
      { services, actor },
      "slot.retry",
      (onBegun) => services.slots.retry(slot, change, { wait, onBegun }),
      { change: change ?? "next_step" },
    );
    return wait
      ? Response.json(slotActionReply("loaded", snapshot))
      : Response.json(slotActionReply("loading", snapshot), { status: 202 });
  },
  { params: slotParams, body: retrySlot },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
