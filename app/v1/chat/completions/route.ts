import { chatCompletions } from "@/lib/gateway/endpoints/chat-completions.ts";
import { serve } from "@/lib/gateway/pipeline.ts";

export const POST = (request: Request): Promise<Response> => serve(chatCompletions, request);

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
