import { hubModelReply } from "@/lib/admin/models-hub.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { searchQuery } from "@/lib/admin/schemas/models-hub.ts";

const defaultLimit = 20;

export const GET = adminRoute(
  async ({ query: { q, limit = defaultLimit }, services }) =>
    Response.json({ data: (await services.hub.search(q, limit)).map(hubModelReply) }),
  { query: searchQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
