import { healthResponse } from "@/lib/gateway/health.ts";
import { currentRuntime } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";

export const GET = (): Response => healthResponse(currentRuntime());
