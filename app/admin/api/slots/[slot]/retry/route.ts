import { audit } from "@/lib/admin/audit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { retrySlot } from "@/lib/admin/schemas/slot-runs.ts";
import { slotParams } from "@/lib/admin/schemas.ts";
import { slotActionReply } from "@/lib/admin/slots.ts";

export const POST = adminRoute(
  async ({ params: { slot }, body: { change, wait }, services, actor }) => {
    await audit(services, actor, "slot.retry", `slot:${slot}`, { change: change ?? "next_step" });
    const snapshot = await services.slots.retry(slot, change, { wait });
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
