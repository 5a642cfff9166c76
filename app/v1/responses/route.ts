import { responses } from "@/lib/gateway/endpoints/responses.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(responses, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
