import { lookUp } from "@/lib/gateway/pipeline.ts";
import { listModels } from "@/lib/openai/models.ts";

export const GET = (request: Request): Promise<Response> =>
  lookUp(request, "models.list", ({ slots, config }) => ({
    object: "list",
    data: listModels(slots.models(), config.current.aliases),
  }));

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
