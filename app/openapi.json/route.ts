import { openapiResponse } from "@/lib/openapi/served.ts";

export const dynamic = "force-dynamic";

export const GET = (request: Request): Response => openapiResponse(request);
