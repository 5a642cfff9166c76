import { deleteLocalModel } from "@/lib/admin/delete-model.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { deleteModel } from "@/lib/admin/schemas/model-files.ts";

export const POST = adminRoute(
  async ({ body, services, actor }) => Response.json(await deleteLocalModel(body.path, services, actor)),
  { body: deleteModel },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
