/** Benchmarks, the best count of threads, and what models can really do. No engine runs: the jobs themselves fail. */
import type { MeasuredEngine } from "../../../../server/slots/trials.ts";
import type { DiskServices, SuccessfulCalls } from "./call.ts";
import { placeModel } from "./model-files.ts";

const port = 4806;

/** The id of a model on the disk that is loaded, too. Nothing is being measured any more. */
async function measurable(services: DiskServices): Promise<string> {
  const { slots, benchmarks } = services;
  for (const { id } of benchmarks.jobs()) await benchmarks.cancel(id);
  const id = await placeModel(services);
  await slots.unload(port);
  await slots.load(port, { model_path: id });
  return id;
}

const absent = () => {
  throw new Error("There is no engine.");
};

/** An engine that seems to serve the model. */
function seemingEngine(id: string): MeasuredEngine {
  const model = { id, type: "text", capabilities: ["text"], contextLength: null, createdS: 0 } as const;
  const nothing = { ctxSize: null, threads: null, files: [], warnings: [] };
  const planned = { model, ...nothing, parallel: 1, start: absent };
  return { port, planned, request: {}, busyWith: () => 0, lease: absent, watch: absent };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

export const measuringCalls: SuccessfulCalls<DiskServices> = {
  benchmarkModel: async (services) => ({ params: { id: await measurable(services) }, body: { load: true } }),
  findThreads: async (services) => ({ params: { id: await measurable(services) }, body: { apply: true } }),
  cancelMeasureJob: async (services) => {
    const modelId = await measurable(services);
    services.slots.trials.open = (_request, signal) => untilAborted(signal);
    const measure = { promptTokens: 16, outputTokens: 8, rounds: 1 };
    const job = services.benchmarks.measure({ modelId, measure, load: { preset: "", options: {} } });
    return { params: { job: job.id } };
  },
  testCapabilities: async (services) => {
    const id = await measurable(services);
    services.slots.trials.serving = () => [seemingEngine(id)];
    return { params: { id } };
  },
};
