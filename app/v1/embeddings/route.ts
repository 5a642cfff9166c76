import { embeddings } from "@/lib/gateway/endpoints/embeddings.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(embeddings, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
