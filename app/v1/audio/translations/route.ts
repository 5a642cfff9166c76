import { translations } from "@/lib/gateway/endpoints/transcriptions.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(translations, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
