/** The search for the best count of threads: one start of the model for each, in a slot of its own. */

import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import { type BestThreads, bestThreads, type ThreadsTried } from "../../lib/benchmarks/thread-counts.ts";
import type { ThreadsOrder } from "../../lib/benchmarks/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Trial } from "../slots/trials.ts";

export interface SearchServices {
  counts: readonly number[];
  /** How long each count may take at the least; 3 s if absent. */
  leastPatienceMs?: number | undefined;
  open(options: ThreadsOrder["load"]["options"], signal: AbortSignal): Promise<Trial>;
  /** Measures a trial, one request at a time, and stores what comes of it. */
  measure(trial: Trial, signal: AbortSignal, onProgress: (share: number) => void): Promise<BenchmarkResults>;
  signal: AbortSignal;
  onProgress(share: number, step: string): void;
}

/**
 * Threads that wait for one another, as where others want the cores as well, can take a hundred times as long: a count is
 * given up that takes so many times what the quickest took, and a moment.
 */
const patience = 4;
const usualPatienceMs = 3_000;

/** @throws GatewayError when the model cannot be loaded or measured; the signal's reason. Nothing runs then. */
export async function findThreads(order: ThreadsOrder, services: SearchServices): Promise<BestThreads> {
  const { counts, leastPatienceMs = usualPatienceMs } = services;
  const tried: ThreadsTried[] = [];
  let quickestMs = Number.POSITIVE_INFINITY;
  for (const [index, threads] of counts.entries()) {
    const onShare = (share: number, step: string) =>
      services.onProgress((index + share) / counts.length, `${threadsInWords(threads)}: ${step}`);
    const trial = await openWith(threads, order, services, onShare);
    const startedMs = performance.now();
    try {
      const limitMs = patience * quickestMs + leastPatienceMs;
      const results = await measureWithin(limitMs, trial, services, (share) => onShare(share, "measuring"));
      tried.push({ threads, results });
      if (results) quickestMs = Math.min(quickestMs, performance.now() - startedMs);
    } finally {
      await trial.close();
    }
  }
  return bestThreads(tried);
}

function openWith(
  threads: number,
  { load }: ThreadsOrder,
  { open, signal }: SearchServices,
  onShare: (share: number, step: string) => void,
): Promise<Trial> {
  onShare(0, "loading");
  return open({ ...load.options, threads }, signal);
}

/** @returns null where it was given up */
async function measureWithin(
  limitMs: number,
  trial: Trial,
  { measure, signal }: SearchServices,
  onProgress: (share: number) => void,
): Promise<BenchmarkResults | null> {
  const tooSlow = new AbortController();
  const { gone, stop } = trial.watch();
  const timer = Number.isFinite(limitMs) ? setTimeout(() => tooSlow.abort(), limitMs) : undefined;
  try {
    return await measure(trial, AbortSignal.any([signal, gone, tooSlow.signal]), onProgress);
  } catch (error) {
    signal.throwIfAborted();
    if (gone.aborted) throw gone.reason;
    if (tooSlow.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function threadsInWords(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

/** @throws GatewayError 400 for a model that does not run here */
export function checkIsLocal({ modelId, load }: ThreadsOrder): void {
  if (load.options.model_path === undefined)
    throw new GatewayError(
      "invalid_request",
      `'${modelId}' runs on another server: its threads are not ours.`,
      {
        param: "id",
      },
    );
}
