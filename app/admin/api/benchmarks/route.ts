import { measureJobReply } from "@/lib/admin/benchmarks.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";

export const GET = adminRoute(({ services }) =>
  Response.json({ data: services.benchmarks.jobs().map(measureJobReply) }),
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
