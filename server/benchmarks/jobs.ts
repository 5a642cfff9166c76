/** The jobs that measure: one at a time, the last ones kept in memory. */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { MeasureJob } from "../../lib/benchmarks/types.ts";
import { GatewayError, toGatewayError } from "../../lib/errors.ts";

/** Of a job that runs: how it tells of itself. */
export interface JobHandle {
  signal: AbortSignal;
  update(change: Pick<MeasureJob, "progress" | "step">): void;
  /** @param benchmarkId of a row that it wrote */
  stored(benchmarkId: number): void;
}

/** What a job ends with. */
export type JobOutcome = Partial<Pick<MeasureJob, "results" | "best" | "applied">>;

interface Running {
  id: string;
  abort: AbortController;
  ended: Promise<void>;
}

const keptJobs = 20;

export class Jobs {
  /** Newest first. A job is replaced, never changed. */
  #jobs: MeasureJob[] = [];
  #running: Running | null = null;
  #isStopped = false;
  readonly #listeners = new Set<(job: MeasureJob) => void>();

  constructor(readonly log: Pick<Logger, "info" | "error">) {}

  get isBusy(): boolean {
    return this.#running !== null;
  }

  all(): readonly MeasureJob[] {
    return this.#jobs;
  }

  /** @throws GatewayError 404 */
  get(id: string): MeasureJob {
    const found = this.#jobs.find((job) => job.id === id);
    if (found) return found;
    throw new GatewayError("not_found", `There is no job '${id}'.`, { param: "job" });
  }

  /**
   * Begins a job.
   * @throws GatewayError 409 while another one runs, 503 while the gateway shuts down
   */
  begin(
    kind: MeasureJob["kind"],
    modelId: string,
    work: (handle: JobHandle) => Promise<JobOutcome>,
  ): MeasureJob {
    if (this.#isStopped)
      throw new GatewayError("draining", "The gateway is shutting down. Try again in a moment.");
    if (this.#running) {
      const { modelId: other, id } = this.get(this.#running.id);
      throw new GatewayError(
        "conflict",
        `'${other}' is being measured (job ${id}). Wait for it, or cancel it.`,
      );
    }
    const job = newJob(kind, modelId);
    this.#jobs = [job, ...this.#jobs].slice(0, keptJobs);
    const abort = new AbortController();
    const update: JobHandle["update"] = (change) => this.#change(job.id, change);
    const stored = (benchmarkId: number) =>
      this.#change(job.id, { benchmarkIds: [...this.get(job.id).benchmarkIds, benchmarkId] });
    const handle: JobHandle = { signal: abort.signal, update, stored };
    const ended = this.#run(job.id, abort.signal, () => work(handle));
    this.#running = { id: job.id, abort, ended };
    this.#tell(job);
    return job;
  }

  /** @throws GatewayError 404 */
  async cancel(id: string): Promise<MeasureJob> {
    this.get(id);
    if (this.#running?.id === id) await this.#abort(this.#running);
    return this.get(id);
  }

  subscribe(listener: (job: MeasureJob) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#running) await this.#abort(this.#running);
  }

  async #abort({ abort, ended }: Running): Promise<void> {
    abort.abort(new GatewayError("conflict", "It was cancelled."));
    await ended;
  }

  async #run(id: string, signal: AbortSignal, work: () => Promise<JobOutcome>): Promise<void> {
    // Not before its caller has the job.
    await Promise.resolve();
    const end = (change: Partial<MeasureJob>) => {
      this.#running = null;
      this.#change(id, { ...change, step: "", finishedAtMs: Date.now() });
    };
    try {
      end({ ...(await work()), status: "done", progress: 1 });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.code === "internal") this.log.error({ err: thrown, job: id }, "A measurement failed.");
      end(signal.aborted ? { status: "cancelled" } : { status: "failed", error: error.message });
    }
  }

  #change(id: string, change: Partial<MeasureJob>): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
    this.#tell(this.get(id));
  }

  #tell(job: MeasureJob): void {
    if (job.status !== "running")
      this.log.info({ job: job.id, model: job.modelId }, `A measurement: ${job.status}.`);
    for (const listener of this.#listeners) listener(job);
  }
}

function newJob(kind: MeasureJob["kind"], modelId: string): MeasureJob {
  return {
    id: randomUUID(),
    kind,
    modelId,
    status: "running",
    progress: 0,
    step: "starting",
    startedAtMs: Date.now(),
    finishedAtMs: null,
    error: null,
    benchmarkIds: [],
    results: null,
    best: null,
    applied: false,
  };
}
