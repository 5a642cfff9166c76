/** Which counts of threads are worth a try, and which of them was the best. */
import { median } from "./figures.ts";
import type { BenchmarkResults } from "./results.ts";

/** Up to as many cores, each count is tried; above, the steps grow. */
const everyCountUpTo = 8;

/**
 * Counts to try, rising: 1, 2, ... up to the physical cores, and one beyond.
 * @param usable threads that the system runs at once, hyper-threads included
 */
export function threadCounts(physicalCores: number, usable: number): number[] {
  const counts = new Set<number>();
  for (let count = 1; count < physicalCores; count += stepAt(count)) counts.add(count);
  counts.add(physicalCores);
  counts.add(Math.max(usable, physicalCores + 1));
  return [...counts];
}

/** 1 up to 8, then 2 up to 16, then 4 up to 32, ... */
function stepAt(count: number): number {
  let step = 1;
  for (let limit = everyCountUpTo; count >= limit; limit *= 2) step *= 2;
  return step;
}

/** What one count came to; null where it was given up. */
export interface ThreadsTried {
  threads: number;
  results: BenchmarkResults | null;
}

export interface BestThreads {
  threads: number;
  /** Why this one, in words. */
  reason: string;
  tried: {
    threads: number;
    promptTokensPerS: number | null;
    generationTokensPerS: number | null;
    textsPerS: number | null;
  }[];
}

/** A usual chat, in tokens: by its time counts are compared, as reading and writing can want different ones. */
const usual = { promptTokens: 256, outputTokens: 128 };

/** Less of a gain is noise, and more threads take cores from others. */
const leastGain = 0.03;

/**
 * The smallest count that no other one beats by more than noise.
 * @throws RangeError when none of them has a result
 */
export function bestThreads(tried: readonly ThreadsTried[]): BestThreads {
  const speeds = tried.flatMap(({ threads, results }) => {
    const speed = results && speedOf(results);
    return speed ? { threads, speed } : [];
  });
  const top = Math.max(...speeds.map(({ speed }) => speed));
  const best = speeds
    .sort((a, b) => a.threads - b.threads)
    .find(({ speed }) => speed * (1 + leastGain) >= top);
  if (!best) throw new RangeError("No count of threads has a result.");
  const rows = tried.map(({ threads, results }) => ({ threads, ...shownFigures(results) }));
  return { threads: best.threads, reason: reasonFor(best, speeds), tried: rows };
}

/** Usual requests in a second, one after another; null where it is not known. */
function speedOf(results: BenchmarkResults): number | null {
  if (results.kind === "embedding") return median(results.figures.map(({ texts_per_s }) => texts_per_s));
  const [figures] = results.figures;
  if (!figures?.prompt_tokens_per_s || !figures.generation_tokens_per_s) return null;
  const { promptTokens, outputTokens } = usual;
  return 1 / (promptTokens / figures.prompt_tokens_per_s + outputTokens / figures.generation_tokens_per_s);
}

function shownFigures(results: BenchmarkResults | null): Omit<BestThreads["tried"][number], "threads"> {
  const none = { promptTokensPerS: null, generationTokensPerS: null, textsPerS: null };
  if (results?.kind === "embedding") return { ...none, textsPerS: results.figures[0]?.texts_per_s ?? null };
  const figures = results?.figures[0];
  if (!figures) return none;
  const { prompt_tokens_per_s, generation_tokens_per_s } = figures;
  return { ...none, promptTokensPerS: prompt_tokens_per_s, generationTokensPerS: generation_tokens_per_s };
}

interface Speed {
  threads: number;
  speed: number;
}

function reasonFor(best: Speed, speeds: readonly Speed[]): string {
  const others = speeds.filter(({ threads }) => threads !== best.threads);
  const compared = others.map(({ threads, speed }) => {
    const percent = Math.round((speed / best.speed - 1) * 100);
    const difference =
      percent === 0 ? "is as fast" : `is ${Math.abs(percent)} % ${percent > 0 ? "faster" : "slower"}`;
    return `${threads} ${difference}`;
  });
  const chosen = `${best.threads} is the smallest count that no other beats by more than ${leastGain * 100} %`;
  return compared.length === 0
    ? `Only ${best.threads} could be measured.`
    : `${chosen}: ${compared.join(", ")}.`;
}
