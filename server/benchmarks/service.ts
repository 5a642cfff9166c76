/** Measures models on request, one at a time, and keeps what was found. */
import os from "node:os";
import type { Logger } from "pino";
import { audit } from "../../lib/admin/audit.ts";
import { auditedChange } from "../../lib/admin/config.ts";
import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import { threadCounts } from "../../lib/benchmarks/thread-counts.ts";
import type {
  BenchmarkOrder,
  Benchmarks,
  Measure,
  MeasureJob,
  ThreadsOrder,
} from "../../lib/benchmarks/types.ts";
import type { ConfigStore } from "../../lib/config/types.ts";
import type { StoredBenchmark } from "../../lib/data/benchmarks.ts";
import type { Database } from "../../lib/data/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import { newRequestId } from "../../lib/gateway/exchange.ts";
import type { Actor } from "../../lib/money/types.ts";
import type { Slots } from "../../lib/slots/types.ts";
import { physicalCores } from "../slots/physical-cores.ts";
import { runFacts } from "../slots/run-facts.ts";
import type { MeasuredEngine, Trial, Trials } from "../slots/trials.ts";
import { checkIsLocal, findThreads } from "./find-threads.ts";
import { type JobHandle, type JobOutcome, Jobs } from "./jobs.ts";
import { isText, measureEngine } from "./measure-engine.ts";

export interface BenchmarkServices {
  slots: Pick<Slots, "models"> & { readonly trials: Pick<Trials, "serving" | "open"> };
  database: Pick<Database, "benchmarks" | "auditLog">;
  config: Pick<ConfigStore, "current" | "patch">;
  log: Pick<Logger, "info" | "error">;
  /** Counts of threads to try; those that suit this machine if absent. */
  counts?: readonly number[];
  /** As of SearchServices. */
  leastPatienceMs?: number;
}

const allStreams = [1, 4];

/** How one engine is measured within a job. */
interface Run {
  handle: JobHandle;
  measure: Measure;
  streams: readonly number[];
  preset: string;
  signal: AbortSignal;
  onProgress(share: number, step: string): void;
}

export class BenchmarkService implements Benchmarks {
  readonly #jobs: Jobs;

  constructor(readonly services: BenchmarkServices) {
    this.#jobs = new Jobs(services.log);
  }

  get isBusy(): boolean {
    return this.#jobs.isBusy;
  }

  measure(order: BenchmarkOrder): MeasureJob {
    this.#checkKind(order.modelId);
    const loaded = order.load ? null : this.#loaded(order.modelId);
    return this.#jobs.begin("benchmark", order.modelId, async (handle) => {
      const { measure, load } = order;
      const onProgress = (progress: number, step: string) => handle.update({ progress, step });
      const run = {
        handle,
        measure,
        streams: allStreams,
        preset: load?.preset ?? loaded?.request.preset ?? "",
        onProgress,
      };
      if (loaded) return { results: await this.#watched(loaded, run) };
      onProgress(0, "loading");
      const trial = await this.services.slots.trials.open(load?.options ?? {}, handle.signal);
      return { results: await this.#closing(trial, run) };
    });
  }

  findThreads(order: ThreadsOrder, actor: Actor): MeasureJob {
    this.#checkKind(order.modelId);
    checkIsLocal(order);
    return this.#jobs.begin("find_threads", order.modelId, (handle) => this.#search(order, actor, handle));
  }

  jobs(): readonly MeasureJob[] {
    return this.#jobs.all();
  }

  job(id: string): MeasureJob {
    return this.#jobs.get(id);
  }

  cancel(id: string): Promise<MeasureJob> {
    return this.#jobs.cancel(id);
  }

  stored(modelId: string, limit: number): Promise<StoredBenchmark[]> {
    return this.services.database.benchmarks.ofModel(modelId, limit);
  }

  subscribe(listener: (job: MeasureJob) => void): () => void {
    return this.#jobs.subscribe(listener);
  }

  stop(): Promise<void> {
    return this.#jobs.stop();
  }

  async #search(order: ThreadsOrder, actor: Actor, handle: JobHandle): Promise<JobOutcome> {
    const { counts, leastPatienceMs, slots } = this.services;
    const { modelId, measure, load, apply } = order;
    const best = await findThreads(order, {
      counts: counts ?? threadCounts(await physicalCores(), os.availableParallelism()),
      leastPatienceMs,
      open: (options, signal) => slots.trials.open(options, signal),
      measure: (trial, signal, onProgress) =>
        this.#store(trial, { handle, measure, streams: [1], preset: load.preset, signal, onProgress }),
      signal: handle.signal,
      onProgress: (progress, step) => handle.update({ progress, step }),
    });
    if (apply) await this.#apply(modelId, best.threads, actor);
    return { best, applied: apply };
  }

  async #apply(modelId: string, threads: number, actor: Actor): Promise<void> {
    const { config } = this.services;
    const previous = config.current;
    const next = await config.patch({ models: { [modelId]: { threads } } });
    await audit(this.services, actor, "config.change", "config", auditedChange(next, previous));
  }

  async #closing(trial: Trial, run: Omit<Run, "signal">): Promise<BenchmarkResults> {
    try {
      return await this.#watched(trial, run);
    } finally {
      await trial.close();
    }
  }

  async #watched(engine: MeasuredEngine, run: Omit<Run, "signal">): Promise<BenchmarkResults> {
    const { gone, stop } = engine.watch();
    try {
      return await this.#store(engine, { ...run, signal: AbortSignal.any([run.handle.signal, gone]) });
    } finally {
      stop();
    }
  }

  async #store(engine: MeasuredEngine, run: Run): Promise<BenchmarkResults> {
    const { handle, preset, ...options } = run;
    const { database, config, log } = this.services;
    const startedAtMs = Date.now();
    const requestId = newRequestId(startedAtMs);
    const modelId = engine.planned.model.id;
    log.info({ requestId, model: modelId, slot: engine.port }, "A model is measured.");
    const stallMs = config.current.engine_stall_s * 1000;
    const { settings } = await runFacts(engine.planned);
    const results = await measureEngine(engine, { ...options, requestId, stallMs });
    const row = { modelId, preset, settings, results: JSON.stringify(results), startedAtMs };
    handle.stored(await database.benchmarks.add(row));
    return results;
  }

  /** @throws GatewayError 400, 404 */
  #checkKind(modelId: string): void {
    const model = this.services.slots.models().find(({ id }) => id === modelId);
    if (!model)
      throw new GatewayError("model_not_found", `The model '${modelId}' does not exist here.`, {
        param: "id",
      });
    isText(model.capabilities, modelId);
  }

  /** @throws GatewayError 409 where not exactly one slot runs it */
  #loaded(modelId: string): MeasuredEngine {
    const [engine, ...others] = this.services.slots.trials.serving(modelId);
    if (!engine)
      throw new GatewayError(
        "conflict",
        `'${modelId}' is not loaded. Load it first, or ask with \`load\`: true for a slot of its own.`,
      );
    if (others.length === 0) return engine;
    const ports = [engine, ...others].map(({ port }) => port).join(", ");
    throw new GatewayError(
      "conflict",
      `'${modelId}' runs in several slots (${ports}): their speeds would mix. Ask with \`load\`: true.`,
    );
  }
}
