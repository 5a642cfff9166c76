import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { createKey, idParams } from "@/lib/admin/schemas.ts";

export const POST = adminRoute(
  async ({ body, params, services, actor }) => {
    const { key, apiKey } = await services.accounts.createKey(params.id, body, actor);
    return Response.json({ id: key.id, api_key: apiKey });
  },
  { body: createKey, params: idParams },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
