/** Routes that do one thing to one slot. */
import { audit } from "./audit.ts";
import { adminRoute } from "./route.ts";
import { type SlotActionReply, slotParams } from "./schemas.ts";
import { slotActionReply } from "./slots.ts";

/** A route handler that does the action to the slot in the path, waits for its end, and keeps a line for the audit log. */
export function slotAction(action: "unload" | "restart", done: SlotActionReply["status"]) {
  return adminRoute(
    async ({ params, services, actor }) => {
      const slot = (await services.slots.snapshot()).find(({ port }) => port === params.slot);
      const before = { model: slot?.modelName ?? null };
      const after = action === "unload" ? { model: null } : before;
      await audit(services, actor, `slot.${action}`, `slot:${params.slot}`, { before, after });
      return Response.json(slotActionReply(done, await services.slots[action](params.slot)));
    },
    { params: slotParams },
  );
}
