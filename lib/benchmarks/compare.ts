/** Benchmarks of one model beside one another: how far each is from the best of the same measure. */
import { rounded } from "./figures.ts";
import type { BenchmarkResults } from "./results.ts";

/** Shares of the best one, at so many requests at once: 1 is the best. Null for what this kind of model does not do. */
export interface Compared {
  streams: number;
  promptRatio: number | null;
  generationRatio: number | null;
  textsRatio: number | null;
}

type Speeds = Pick<Compared, "streams"> & Record<"prompt" | "generation" | "texts", number | null>;

/** @returns for each of them, in the same order */
export function compareBenchmarks(all: readonly BenchmarkResults[]): Compared[][] {
  return all.map((results) => {
    const alike = all.filter((other) => measureOf(other) === measureOf(results)).flatMap(speedsOf);
    return speedsOf(results).map((speeds) => {
      const rivals = alike.filter(({ streams }) => streams === speeds.streams);
      const ratio = (name: "prompt" | "generation" | "texts") =>
        ratioTo(speeds[name], Math.max(...rivals.map((rival) => rival[name] ?? 0)));
      return {
        streams: speeds.streams,
        promptRatio: ratio("prompt"),
        generationRatio: ratio("generation"),
        textsRatio: ratio("texts"),
      };
    });
  });
}

function ratioTo(speed: number | null, best: number): number | null {
  return speed === null || best === 0 ? null : rounded(speed / best);
}

function measureOf({ kind, measure }: BenchmarkResults): string {
  return `${kind} ${measure.prompt_tokens} ${measure.output_tokens}`;
}

function speedsOf(results: BenchmarkResults): Speeds[] {
  if (results.kind === "embedding")
    return results.figures.map(({ streams, texts_per_s }) => ({
      streams,
      prompt: null,
      generation: null,
      texts: texts_per_s,
    }));
  return results.figures.map(({ streams, prompt_tokens_per_s, generation_tokens_per_s }) => ({
    streams,
    prompt: prompt_tokens_per_s,
    generation: generation_tokens_per_s,
    texts: null,
  }));
}
