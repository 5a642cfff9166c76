import { refuse } from "@/lib/admin/reply.ts";
import { openapiResponse } from "@/lib/openapi/served.ts";

export const dynamic = "force-dynamic";

export const GET = (request: Request): Response => openapiResponse(request);

const others = refuse("GET, HEAD");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
