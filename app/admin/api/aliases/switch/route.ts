import { switchAlias } from "@/lib/admin/alias-switch.ts";
import { audit } from "@/lib/admin/audit.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { aliasSwitch } from "@/lib/admin/schemas/alias-switch.ts";

/** As a load, a switch goes on when the one who asked has gone. */
export const POST = adminRoute(
  async ({ body, services, actor }) => {
    const reply = await switchAlias(body, services);
    const { alias, model, slot, previous } = reply;
    const change = { before: { model: previous?.model ?? null }, after: { model } };
    const unloads = previous?.status === "draining";
    await audit(services, actor, "alias.switch", `alias:${alias}`, { ...change, slot, unloads });
    return Response.json(reply);
  },
  { body: aliasSwitch },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
