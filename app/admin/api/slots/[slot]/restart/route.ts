import { audit } from "@/lib/admin/audit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { slotParams } from "@/lib/admin/schemas.ts";
import { slotActionReply } from "@/lib/admin/slots.ts";

export const POST = adminRoute(
  async ({ params, services, actor }) => {
    await audit(services, actor, "slot.restart", `slot:${params.slot}`);
    return Response.json(slotActionReply("restarted", await services.slots.restart(params.slot)));
  },
  { params: slotParams },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
