import { audit } from "@/lib/admin/audit.ts";
import { auditedChange, describeChange } from "@/lib/admin/config.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { configPatch } from "@/lib/admin/schemas.ts";
import { checkWishedPaths } from "@/lib/admin/wished-paths.ts";

export const GET = adminRoute(({ services }) => Response.json(services.config.masked()));

export const PATCH = adminRoute(
  async ({ body, services, actor }) => {
    const { config, slots } = services;
    await checkWishedPaths(body, services);
    const previous = config.current;
    const next = await config.patch(body);
    const change = describeChange(next, previous, await slots.snapshot());
    await audit(services, actor, "config.change", "config", auditedChange(next, previous));
    return Response.json({ config: config.masked(), ...change });
  },
  { body: configPatch },
);

const others = refuse("GET, PATCH");
export const POST = others;
export const PUT = others;
export const DELETE = others;
