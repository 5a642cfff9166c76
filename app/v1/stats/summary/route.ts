import { lookUp } from "@/lib/gateway/pipeline.ts";
import { usageSummary } from "@/lib/gateway/usage-summary.ts";

export const GET = (request: Request): Promise<Response> => lookUp(request, "stats.summary", usageSummary);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
