import { hubFilesReply } from "@/lib/admin/models-hub.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { filesQuery } from "@/lib/admin/schemas/models-hub.ts";

export const GET = adminRoute(
  async ({ query: { repo_id, revision }, services: { hub } }) => {
    const [repository, fit] = await Promise.all([hub.repository(repo_id, revision), hub.sizeFit()]);
    return Response.json(hubFilesReply(repository, fit));
  },
  { query: filesQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
