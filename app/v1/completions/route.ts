import { completions } from "@/lib/gateway/endpoints/completions.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(completions, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
