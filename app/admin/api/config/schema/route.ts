import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { configOutline } from "@/lib/config/outline.ts";

/** What the portal makes its form of. */
export const GET = adminRoute(() => Response.json(configOutline));

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
