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

/** @throws GatewayError 400 for an unknown preset, and a model to load that is no file */
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
  preset: string | undefined,
  options: LoadRequest = {},
  { slots, config }: Services,
): Promise<ThreadsOrder["load"]> {
  const { models } = config.current;
  const own = Object.hasOwn(models, modelId) ? models[modelId] : undefined;
  if (preset !== undefined && !Object.hasOwn(own?.presets ?? {}, preset))
    throw new GatewayError("invalid_request", `The model '${modelId}' has no preset '${preset}'.`, {
      param: "preset",
    });
  const file = await fileOf(modelId, slots);
  return { preset: preset ?? own?.preset ?? "", options: { model_path: file, preset, ...options } };
}

/** As `model_path` takes it. @throws GatewayError 400 for a remote */
async function fileOf(modelId: string, slots: Services["slots"]): Promise<string> {
  const file = (await slots.localModels()).find(({ id, error }) => id === modelId && error === null);
  if (file) return file.path;
  const message = `'${modelId}' is no whole file on this machine: it can only be measured where it runs.`;
  throw new GatewayError("invalid_request", message, { param: "id" });
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
