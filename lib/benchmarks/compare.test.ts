import { expect, it } from "vitest";
import { compareBenchmarks } from "./compare.ts";
import type { BenchmarkResults } from "./results.ts";

const common = {
  prompt_tokens: 500,
  rounds: 3,
  slot: 4801,
  engine: "llama-server" as const,
  other_requests: 0,
  repeated_rounds: 0,
  estimated: false,
  duration_ms: 1,
};

function text(promptTokens: number, ...speeds: [streams: number, prompt: number, generation: number][]) {
  return {
    kind: "text",
    measure: { prompt_tokens: promptTokens, output_tokens: 64 },
    output_tokens: 64,
    ...common,
    figures: speeds.map(([streams, prompt, generation]) => ({
      streams,
      prompt_tokens_per_s: prompt,
      generation_tokens_per_s: generation,
      first_token_ms: 1,
    })),
  } satisfies BenchmarkResults;
}

it("each is compared with the best of the same measure at as many requests", () => {
  const [first, second, other] = compareBenchmarks([
    text(512, [1, 100, 20], [4, 150, 30]),
    text(512, [1, 50, 25], [4, 300, 15]),
    text(128, [1, 10, 1]),
  ]);
  expect(first).toEqual([
    { streams: 1, promptRatio: 1, generationRatio: 0.8, textsRatio: null },
    { streams: 4, promptRatio: 0.5, generationRatio: 1, textsRatio: null },
  ]);
  expect(second?.[0]).toMatchObject({ promptRatio: 0.5, generationRatio: 1 });
  expect(other).toEqual([{ streams: 1, promptRatio: 1, generationRatio: 1, textsRatio: null }]);
});
