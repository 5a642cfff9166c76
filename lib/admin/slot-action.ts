/** Routes that do one thing to one slot. */
import { auditedSlotAction } from "./audited.ts";
import { adminRoute } from "./route.ts";
import { type SlotActionReply, slotParams } from "./schemas.ts";
import { slotActionReply } from "./slots.ts";

/** A route handler that does the action to the slot in the path, waits for its end, and keeps a line for the audit log. */
export function slotAction(action: "unload" | "restart", done: SlotActionReply["status"]) {
  return adminRoute(
    async ({ params, services, actor }) => {
      const snapshot = await auditedSlotAction({ services, actor }, `slot.${action}`, (onBegun) =>
        services.slots[action](params.slot, { onBegun }),
      );
      return Response.json(slotActionReply(done, snapshot));
    },
    { params: slotParams },
  );
}
