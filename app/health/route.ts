import { healthResponse } from "@/lib/gateway/health.ts";
import { runtime } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";

export const GET = (): Response => healthResponse(runtime());
