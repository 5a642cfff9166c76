import { audit } from "@/lib/admin/audit.ts";
import { modelIn, presetsOf, putPresets } from "@/lib/admin/presets.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { modelParams, putPresets as putPresetsBody } from "@/lib/admin/schemas/presets.ts";
import { difference } from "@/lib/data/audit-log.ts";

export const GET = adminRoute(
  async ({ params, services }) =>
    Response.json(presetsOf(await modelIn(params.id, services), services.config.current)),
  { params: modelParams },
);

export const PUT = adminRoute(
  async ({ body, params, services, actor }) => {
    const model = await modelIn(params.id, services);
    const before = presetsOf(model, services.config.current);
    const after = await putPresets(model, body, services);
    await audit(services, actor, "model.presets", `model:${model}`, difference(before, after));
    return Response.json(after);
  },
  { body: putPresetsBody, params: modelParams },
);

const others = refuse("GET, PUT");
export const POST = others;
export const PATCH = others;
export const DELETE = others;
