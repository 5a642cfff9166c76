import { lookUp } from "@/lib/gateway/pipeline.ts";
import { findModel } from "@/lib/openai/models.ts";

interface Context {
  params: Promise<{ id: string[] }>;
}

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  return lookUp(request, "models.get", ({ slots, config }) =>
    findModel(decoded(id.join("/")), slots.models(), config.current.aliases),
  );
}

/** What is no URL encoding is taken as it stands: there is no model of such a name. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
