import { switchAlias, targetOf } from "@/lib/admin/alias-switch.ts";
import { audit } from "@/lib/admin/audit.ts";
import { beginning } from "@/lib/admin/audited.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { aliasSwitch } from "@/lib/admin/schemas/alias-switch.ts";

/** As a load, a switch goes on when the one who asked has gone. */
export const POST = adminRoute(
  async ({ body, services, actor }) => {
    const write = (detail: Record<string, unknown>) =>
      audit(services, actor, "alias.switch", `alias:${body.alias}`, detail);
    const reply = await beginning(
      (onBegun) => switchAlias(body, services, onBegun),
      (slot, error) => {
        const unmoved = { model: targetOf(body.alias, services.config.current) };
        return write({ before: unmoved, after: unmoved, slot, error });
      },
    );
    const { model, slot, previous } = reply;
    const unloads = previous?.status === "draining";
    await write({ before: { model: previous?.model ?? null }, after: { model }, slot, unloads });
    return Response.json(reply);
  },
  { body: aliasSwitch },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
