import { audit } from "@/lib/admin/audit.ts";
import { measureJobReply, threadsOrder } from "@/lib/admin/benchmarks.ts";
import { modelIn } from "@/lib/admin/presets.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { findThreadsRequest } from "@/lib/admin/schemas/benchmarks.ts";
import { modelParams } from "@/lib/admin/schemas/presets.ts";

export const POST = adminRoute(
  async ({ body, params, services, actor }) => {
    const model = await modelIn(params.id, services);
    const job = services.benchmarks.findThreads(await threadsOrder(model, body, services), actor);
    const detail = { job: job.id, apply: body.apply };
    await audit(services, actor, "model.find_threads", `model:${model}`, detail);
    return Response.json(measureJobReply(job), { status: 202 });
  },
  { body: findThreadsRequest, params: modelParams },
);

const others = refuse("POST");
export const GET = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
