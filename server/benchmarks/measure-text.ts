/** The benchmark of a text model: how fast it reads, how fast it writes, and when the first token comes. */
import { firstTokenMs, generationRate, median, promptRate, rounded } from "../../lib/benchmarks/figures.ts";
import { lengthsWithin, wordsFor, wordsInNoOrder } from "../../lib/benchmarks/prompts.ts";
import type { BenchmarkResults, TextFigures } from "../../lib/benchmarks/results.ts";
import type { Bench } from "./measure-engine.ts";
import { type TimedAnswer, timedAnswer } from "./timed-answer.ts";
import { together } from "./together.ts";

export type MeasuredText = Pick<
  Extract<BenchmarkResults, { kind: "text" }>,
  "kind" | "measure" | "prompt_tokens" | "output_tokens" | "estimated" | "figures"
>;

/** Enough to count tokens by, little enough for the smallest context. */
const warmUpWords = 24;
const warmUpTokens = 8;
/** The prompt of an answer whose writing is timed: reading it shall take no time. */
const shortPromptWords = 6;

/** One round at so many streams. */
interface Round {
  read: TimedAnswer[];
  written: TimedAnswer[];
}

export async function measureText(bench: Bench): Promise<MeasuredText> {
  const { engine, measure, streams, onProgress } = bench;
  const wanted = lengthsWithin(measure, engine.planned.ctxSize);
  onProgress(0, "warming up");
  const words = Math.min(warmUpWords, Math.ceil(wanted.promptTokens / 8));
  const [warmUp] = await answers(bench, 1, words, Math.min(warmUpTokens, wanted.outputTokens));
  const promptWords = wordsFor(wanted.promptTokens, { words, tokens: warmUp?.promptTokens || words });
  const rounds = new Map<number, Round[]>(streams.map((count) => [count, []]));
  const steps = measure.rounds * streams.length;
  let done = 0;
  // One stream and several in turn, so that a machine that grows slower does so for both.
  for (let round = 0; round < measure.rounds; round++)
    for (const count of streams) {
      onProgress(done++ / steps, `round ${round + 1} of ${measure.rounds}, ${count} at once`);
      const read = await answers(bench, count, promptWords, 1);
      const written = await answers(bench, count, shortPromptWords, wanted.outputTokens);
      rounds.get(count)?.push({ read, written });
    }
  const all = [...rounds.values()].flat();
  return {
    kind: "text",
    measure: { prompt_tokens: wanted.promptTokens, output_tokens: wanted.outputTokens },
    prompt_tokens: Math.round(
      median(all.flatMap(({ read }) => read.map(({ promptTokens }) => promptTokens))),
    ),
    output_tokens: Math.round(median(all.flatMap(({ written }) => written.map((one) => one.outputTokens)))),
    estimated: all.some(({ read, written }) => [...read, ...written].some(({ estimated }) => estimated)),
    figures: streams.map((count) => figuresOf(count, rounds.get(count) ?? [])),
  };
}

/** So many requests at once, each with a prompt of its own. */
function answers(bench: Bench, count: number, words: number, outputTokens: number): Promise<TimedAnswer[]> {
  const { stallMs } = bench;
  return bench.turn(count, (lease, signal) =>
    together(count, signal, (either) =>
      timedAnswer(lease, wordsInNoOrder(words), outputTokens, { signal: either, stallMs }),
    ),
  );
}

function figuresOf(streams: number, rounds: readonly Round[]): TextFigures {
  const generation = rounds.flatMap(({ written }) => generationRate(written) ?? []);
  return {
    streams,
    prompt_tokens_per_s: rounded(median(rounds.map(({ read }) => promptRate(read)))),
    generation_tokens_per_s: generation.length === 0 ? null : rounded(median(generation)),
    first_token_ms: rounded(firstTokenMs(rounds.flatMap(({ read }) => read))),
  };
}
