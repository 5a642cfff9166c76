import { downloadReply } from "@/lib/admin/models-hub.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

export const GET = adminRoute(({ services }) =>
  Response.json({ data: services.downloads.list().map(downloadReply) }),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
