import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { idParams } from "@/lib/admin/schemas.ts";
import { orUnavailable } from "@/lib/money/storage-failure.ts";
import { rejectSignup } from "@/lib/signups/schemas.ts";

export const POST = adminRoute(
  async ({ body, params, services, actor }) => {
    const cause = { actor, atMs: Date.now(), reason: body.reason ?? "" };
    await orUnavailable(services.database.signups.reject(params.id, cause));
    return Response.json({ id: params.id, status: "rejected" });
  },
  { body: rejectSignup, params: idParams },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
