/** The benchmark of an embedding model: texts and tokens in a second. */
import { median, rounded, vectorRates } from "../../lib/benchmarks/figures.ts";
import { lengthsWithin, wordsFor, wordsInNoOrder } from "../../lib/benchmarks/prompts.ts";
import type { BenchmarkResults, VectorFigures } from "../../lib/benchmarks/results.ts";
import type { Bench } from "./measure-engine.ts";
import { type TimedVector, timedVector } from "./timed-vector.ts";
import { together } from "./together.ts";

export type MeasuredVectors = Pick<
  Extract<BenchmarkResults, { kind: "embedding" }>,
  "kind" | "measure" | "prompt_tokens" | "estimated" | "figures"
>;

/** One after another in each stream. */
const textsPerStream = 8;
const warmUpWords = 24;

export async function measureVectors(bench: Bench): Promise<MeasuredVectors> {
  const { engine, measure, streams, onProgress } = bench;
  const { promptTokens } = lengthsWithin(measure, engine.planned.ctxSize);
  onProgress(0, "warming up");
  const warmUp = Math.min(warmUpWords, Math.ceil(promptTokens / 8));
  const [counted] = await texts(bench, 1, 1, warmUp);
  const words = wordsFor(promptTokens, { words: warmUp, tokens: counted?.tokens || warmUp });
  const rounds = new Map<number, TimedVector[][]>(streams.map((count) => [count, []]));
  const steps = measure.rounds * streams.length;
  let done = 0;
  for (let round = 0; round < measure.rounds; round++)
    for (const count of streams) {
      onProgress(done++ / steps, `round ${round + 1} of ${measure.rounds}, ${count} at once`);
      rounds.get(count)?.push(await texts(bench, count, textsPerStream, words));
    }
  const all = [...rounds.values()].flat(2);
  return {
    kind: "embedding",
    measure: { prompt_tokens: promptTokens, output_tokens: 0 },
    prompt_tokens: Math.round(median(all.map(({ tokens }) => tokens))),
    estimated: all.some(({ estimated }) => estimated),
    figures: streams.map((count) => figuresOf(count, rounds.get(count) ?? [])),
  };
}

async function texts(bench: Bench, count: number, each: number, words: number): Promise<TimedVector[]> {
  const { stallMs } = bench;
  const streams = await bench.turn(count, (lease, turnSignal) =>
    together(count, turnSignal, async (signal) => {
      const stream: TimedVector[] = [];
      while (stream.length < each)
        stream.push(await timedVector(lease, wordsInNoOrder(words), { signal, stallMs }));
      return stream;
    }),
  );
  return streams.flat();
}

function figuresOf(streams: number, rounds: readonly TimedVector[][]): VectorFigures {
  const rates = rounds.map(vectorRates);
  return {
    streams,
    texts_per_s: rounded(median(rates.map(({ textsPerS }) => textsPerS))),
    tokens_per_s: rounded(median(rates.map(({ tokensPerS }) => tokensPerS))),
    text_ms: rounded(median(rates.map(({ textMs }) => textMs))),
  };
}
