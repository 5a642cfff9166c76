import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { uploadQuery } from "@/lib/admin/schemas/model-files.ts";
import { uploadModel } from "@/lib/admin/upload-model.ts";

export const POST = adminRoute(
  async ({ query, request, services, actor }) =>
    Response.json(await uploadModel(query.name, request, services, actor), { status: 201 }),
  { query: uploadQuery },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
