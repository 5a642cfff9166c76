import { localModelReply } from "@/lib/admin/local-models.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { testedOf } from "@/lib/capability-tests/tested.ts";

export const GET = adminRoute(async ({ services }) => {
  const [models, rows] = await Promise.all([
    services.slots.localModels(),
    services.capabilityTests.results(null),
  ]);
  return Response.json({ models: models.map((model) => localModelReply(model, testedOf(rows, model))) });
});

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
