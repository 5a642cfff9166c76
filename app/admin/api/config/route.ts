import { audit } from "@/lib/admin/audit.ts";
import { describeChange } from "@/lib/admin/config.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { configPatch } from "@/lib/admin/schemas.ts";

export const GET = adminRoute(({ services }) => Response.json(services.config.masked()));

export const PATCH = adminRoute(
  async ({ body, services, actor }) => {
    const { config } = services;
    const previous = config.current;
    const change = describeChange(await config.patch(body), previous);
    await audit(services, actor, "config.change", "config", { changed: change.changed });
    return Response.json({ config: config.masked(), ...change });
  },
  { body: configPatch },
);

const others = refuse("GET, PATCH");
export const POST = others;
export const PUT = others;
export const DELETE = others;
