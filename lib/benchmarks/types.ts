/** Measuring models as handlers see it. `server/benchmarks` implements it. */
import type { StoredBenchmark } from "../data/benchmarks.ts";
import type { Actor } from "../money/types.ts";
import type { LoadRequest } from "../slots/types.ts";
import type { BenchmarkResults } from "./results.ts";
import type { BestThreads } from "./thread-counts.ts";

/** What is sent: lengths are in tokens, and are shortened where the context holds less. */
export interface Measure {
  promptTokens: number;
  outputTokens: number;
  /** Times that everything is done; medians are kept. */
  rounds: number;
}

export interface BenchmarkOrder {
  modelId: string;
  measure: Measure;
  /** Load it into an empty slot for this; null: measure where it runs. */
  load: { preset: string; options: LoadRequest } | null;
}

export interface ThreadsOrder {
  modelId: string;
  measure: Measure;
  /** How to load it, but for the threads. */
  load: { preset: string; options: LoadRequest };
  /** Write the best count into the model's settings. */
  apply: boolean;
}

export const jobStatuses = ["running", "done", "failed", "cancelled"] as const;

export interface MeasureJob {
  id: string;
  kind: "benchmark" | "find_threads";
  modelId: string;
  status: (typeof jobStatuses)[number];
  /** From 0 to 1. */
  progress: number;
  /** What it does, in words. */
  step: string;
  startedAtMs: number;
  finishedAtMs: number | null;
  error: string | null;
  /** Rows of the table that it wrote. */
  benchmarkIds: number[];
  /** Of a benchmark that is done. */
  results: BenchmarkResults | null;
  /** Of a search that is done. */
  best: BestThreads | null;
  /** The best count stands in the configuration now. */
  applied: boolean;
}

export interface Benchmarks {
  /**
   * Begins a benchmark.
   * @throws GatewayError 400 for a model of another kind, 404, 409 while another job runs or where it is not loaded
   */
  measure(order: BenchmarkOrder): MeasureJob;
  /**
   * Begins a search for the best count of threads. Throws as `measure` does.
   * @param actor stands in the audit log for the change of the configuration that `apply` makes at the end
   */
  findThreads(order: ThreadsOrder, actor: Actor): MeasureJob;
  /** The job that runs and the last ones since the start of the process, newest first. */
  jobs(): readonly MeasureJob[];
  /** @throws GatewayError 404 */
  job(id: string): MeasureJob;
  /** Ends it; resolves when nothing of it runs. One that has ended stays as it is. @throws GatewayError 404 */
  cancel(id: string): Promise<MeasureJob>;
  /** True while a job runs: whoever only has time leaves the machine to it. */
  readonly isBusy: boolean;
  /** What was measured of a model, newest first. */
  stored(modelId: string, limit: number): Promise<StoredBenchmark[]>;
  /** Told of every change of a job, with the whole job. Returns a function that stops it. */
  subscribe(listener: (job: MeasureJob) => void): () => void;
  /** Gives up what runs; resolves when nothing of it does. */
  stop(): Promise<void>;
}
