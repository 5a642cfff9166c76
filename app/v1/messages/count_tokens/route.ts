import { countTokens } from "@/lib/gateway/endpoints/count-tokens.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(countTokens, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
