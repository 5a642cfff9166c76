import { describeChange } from "@/lib/admin/config.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { configPatch } from "@/lib/admin/schemas.ts";

export const GET = adminRoute(({ services }) => Response.json(services.config.masked()));

export const PATCH = adminRoute(
  async ({ body, services: { config } }) => {
    const previous = config.current;
    const next = await config.patch(body);
    return Response.json({ config: config.masked(), ...describeChange(next, previous) });
  },
  { body: configPatch },
);

const others = refuse("GET, PATCH");
export const POST = others;
export const PUT = others;
export const DELETE = others;
