import { audit } from "@/lib/admin/audit.ts";
import { capabilityTestsReply } from "@/lib/admin/capability-tests.ts";
import { modelIn } from "@/lib/admin/presets.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { modelParams } from "@/lib/admin/schemas/presets.ts";

export const GET = adminRoute(
  async ({ params, services }) =>
    Response.json(await capabilityTestsReply(await modelIn(params.id, services), services)),
  { params: modelParams },
);

export const POST = adminRoute(
  async ({ params, services, actor }) => {
    const model = await modelIn(params.id, services);
    const pending = services.capabilityTests.retest(model);
    await audit(services, actor, "model.test_capabilities", `model:${model}`);
    return Response.json(await capabilityTestsReply(model, services, pending), { status: 202 });
  },
  { params: modelParams },
);

const others = refuse("GET or POST");
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
