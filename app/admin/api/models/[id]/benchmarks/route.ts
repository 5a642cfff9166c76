import { storedBenchmarkReplies } from "@/lib/admin/benchmarks.ts";
import { refuse } from "@/lib/admin/reply.ts";
import { adminRoute } from "@/lib/admin/route.ts";
import { benchmarksQuery } from "@/lib/admin/schemas/benchmarks.ts";
import { modelParams } from "@/lib/admin/schemas/presets.ts";

/** Of a model that is not here any more, too: its figures are still true. */
export const GET = adminRoute(
  async ({ params, query, services }) => {
    const rows = await services.benchmarks.stored(params.id, query.limit);
    return Response.json({ model: params.id, data: storedBenchmarkReplies(rows) });
  },
  { params: modelParams, query: benchmarksQuery },
);

const others = refuse("GET");
export const POST = others;
export const PUT = others;
export const PATCH = others;
export const DELETE = others;
