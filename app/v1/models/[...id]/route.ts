import { lookUp } from "@/lib/gateway/pipeline.ts";
import { findModel } from "@/lib/openai/models.ts";

interface Context {
  params: Promise<{ id: string[] }>;
}

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  return lookUp(request, ({ slots, config }) =>
    findModel(id.map(decodeURIComponent).join("/"), slots.models(), config.current.aliases),
  );
}

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
