import { GatewayError } from "@/lib/errors.ts";
import { lookUp } from "@/lib/gateway/pipeline.ts";
import { unknownUrl } from "@/lib/gateway/refusals.ts";

interface Context {
  params: Promise<{ id: string }>;
}

/** No response is kept, so there is none to be fetched or deleted. */
async function notFound(request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  return lookUp(request, "responses.kept", () => {
    throw new GatewayError(
      "not_found",
      `Response with id '${id.slice(0, 64)}' not found: responses are not kept here.`,
    );
  });
}

export const GET = notFound;
export const DELETE = notFound;
/** As of `/v1/responses/compact`, which is no id. */
export const POST = unknownUrl;

export { preflight as OPTIONS } from "@/lib/gateway/refusals.ts";
