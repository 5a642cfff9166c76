/** Measuring as admins ask for it and see it. */
import { compareBenchmarks } from "../benchmarks/compare.ts";
import { benchmarkResults } from "../benchmarks/results.ts";
import type { BenchmarkOrder, Measure, MeasureJob, ThreadsOrder } from "../benchmarks/types.ts";
import type { StoredBenchmark } from "../data/benchmarks.ts";
import { GatewayError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { LoadRequest } from "../slots/types.ts";
import type {
  BenchmarkRequest,
  FindThreadsRequest,
  MeasureJobReply,
  StoredBenchmarkReply,
} from "./schemas/benchmarks.ts";

type Services = Pick<Runtime, "slots" | "config">;

/** @throws GatewayError 404 for an unknown model to load, or an unknown preset of it */
export async function benchmarkOrder(
  modelId: string,
  request: BenchmarkRequest,
  services: Services,
): Promise<BenchmarkOrder> {
  const load = request.load ? await howToLoad(modelId, request.preset, request.options, services) : null;
  return { modelId, measure: measureOf(request), load };
}

/** Throws as `benchmarkOrder` does. */
export async function threadsOrder(
  modelId: string,
  request: FindThreadsRequest,
  services: Services,
): Promise<ThreadsOrder> {
  const load = await howToLoad(modelId, request.preset, {}, services);
  return { modelId, measure: measureOf(request), load, apply: request.apply };
}

function measureOf(request: BenchmarkRequest | FindThreadsRequest): Measure {
  const { prompt_tokens: promptTokens, output_tokens: outputTokens, rounds } = request;
  return { promptTokens, outputTokens, rounds };
}

async function howToLoad(
  modelId: string,
  named: string | undefined,
  options: LoadRequest = {},
  { slots, config }: Services,
): Promise<ThreadsOrder["load"]> {
  const settings = config.current.models[modelId];
  const preset = named ?? settings?.preset ?? "";
  const ofPreset = settings?.presets?.[preset];
  if (named !== undefined && !ofPreset)
    throw new GatewayError("not_found", `'${modelId}' has no preset '${named}'.`, { param: "preset" });
  return { preset, options: { ...(await whatToLoad(modelId, slots)), ...ofPreset, ...options } };
}

/** The file, or the remote as a slot of the configuration names it. @throws GatewayError 404 */
async function whatToLoad(modelId: string, slots: Services["slots"]): Promise<LoadRequest> {
  const file = (await slots.localModels()).find(({ id, error }) => id === modelId && error === null);
  if (file) return { model_path: file.path };
  const known = slots.models().some(({ id }) => id === modelId);
  const message = known
    ? `'${modelId}' is no file on this machine: it can only be measured where it runs.`
    : `The model '${modelId}' does not exist here.`;
  throw new GatewayError(known ? "invalid_request" : "model_not_found", message, { param: "id" });
}

export function measureJobReply(job: MeasureJob): MeasureJobReply {
  return {
    id: job.id,
    kind: job.kind,
    model: job.modelId,
    status: job.status,
    progress: Number(job.progress.toFixed(3)),
    step: job.step,
    started_at: new Date(job.startedAtMs).toISOString(),
    finished_at: job.finishedAtMs === null ? null : new Date(job.finishedAtMs).toISOString(),
    error: job.error,
    benchmark_ids: job.benchmarkIds,
    results: job.results,
    best: job.best && {
      threads: job.best.threads,
      reason: job.best.reason,
      tried: job.best.tried.map((one) => ({
        threads: one.threads,
        prompt_tokens_per_s: one.promptTokensPerS,
        generation_tokens_per_s: one.generationTokensPerS,
        texts_per_s: one.textsPerS,
      })),
    },
    applied: job.applied,
  };
}

/** Rows that another version wrote in another shape are left out. */
export function storedBenchmarkReplies(rows: readonly StoredBenchmark[]): StoredBenchmarkReply[] {
  const read = rows.flatMap((row) => {
    const parsed = benchmarkResults.safeParse(JSON.parse(row.results));
    return parsed.success ? [{ row, results: parsed.data }] : [];
  });
  const compared = compareBenchmarks(read.map(({ results }) => results));
  return read.map(({ row, results }, index) => ({
    id: row.id,
    preset: row.preset === "" ? null : row.preset,
    settings: JSON.parse(row.settings),
    started_at: new Date(row.startedAtMs).toISOString(),
    results,
    compared: (compared[index] ?? []).map((one) => ({
      streams: one.streams,
      prompt_ratio: one.promptRatio,
      generation_ratio: one.generationRatio,
      texts_ratio: one.textsRatio,
    })),
  }));
}
