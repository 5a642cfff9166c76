import { rerank } from "@/lib/gateway/endpoints/rerank.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(rerank, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
