import { audit } from "@/lib/admin/audit.ts";
import { measureJobReply } from "@/lib/admin/benchmarks.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { jobParams } from "@/lib/admin/schemas/benchmarks.ts";

export const GET = adminRoute(
  ({ params, services }) => Response.json(measureJobReply(services.benchmarks.job(params.job))),
  { params: jobParams },
);

/** Answers when nothing of the job runs any more. */
export const DELETE = adminRoute(
  async ({ params, services, actor }) => {
    const job = await services.benchmarks.cancel(params.job);
    await audit(services, actor, "benchmark.cancel", `model:${job.modelId}`, { job: job.id });
    return Response.json(measureJobReply(job));
  },
  { params: jobParams },
);

const others = refuse("GET or DELETE");
export const POST = others;
export const PUT = others;
export const PATCH = others;
