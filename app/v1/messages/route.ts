import { messages } from "@/lib/gateway/endpoints/messages.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(messages, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
