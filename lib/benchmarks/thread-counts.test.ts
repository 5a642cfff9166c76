import { describe, expect, it } from "vitest";
import type { BenchmarkResults } from "./results.ts";
import { bestThreads, threadCounts } from "./thread-counts.ts";

describe("counts to try", () => {
  it.each([
    [1, 1, [1, 2]],
    [2, 2, [1, 2, 3]],
    [4, 8, [1, 2, 3, 4, 8]],
    [12, 24, [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 24]],
    [64, 64, [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 65]],
  ])("of %i cores and %i threads", (cores, usable, counts) => {
    expect(threadCounts(cores, usable)).toEqual(counts);
  });
});

function text(prompt: number, generation: number | null): BenchmarkResults {
  const figures = { prompt_tokens_per_s: prompt, generation_tokens_per_s: generation, first_token_ms: 1 };
  return { kind: "text", output_tokens: 48, ...common, figures: [{ streams: 1, ...figures }] };
}

const common = {
  measure: { prompt_tokens: 128, output_tokens: 48 },
  prompt_tokens: 128,
  rounds: 2,
  slot: 4801,
  engine: "llama-server" as const,
  other_requests: 0,
  repeated_rounds: 0,
  estimated: false,
  duration_ms: 1,
};

describe("the best count", () => {
  it("is the quickest at a usual chat, with its reason", () => {
    const tried = [
      { threads: 1, results: text(100, 10) },
      { threads: 2, results: text(200, 20) },
      { threads: 3, results: text(100, 10) },
    ];
    expect(bestThreads(tried)).toMatchObject({
      threads: 2,
      reason:
        "2 is the smallest count that no other beats by more than 3 %: 1 is 50 % slower, 3 is 50 % slower.",
      tried: [{ threads: 1, promptTokensPerS: 100, generationTokensPerS: 10, textsPerS: null }, {}, {}],
    });
  });

  it("weighs reading and writing as a chat does", () => {
    // Writing gains nothing from the third thread, reading much: 256 tokens read and 128 written take less.
    const tried = [
      { threads: 2, results: text(100, 40) },
      { threads: 3, results: text(150, 38) },
    ];
    expect(bestThreads(tried).threads).toBe(3);
  });

  it("is the smaller one where more threads gain next to nothing", () => {
    const tried = [
      { threads: 2, results: text(100, 40) },
      { threads: 4, results: text(102, 41) },
    ];
    expect(bestThreads(tried)).toMatchObject({
      threads: 2,
      reason: expect.stringContaining("4 is 2 % faster"),
    });
  });

  it("passes over what was given up or could not be told", () => {
    const tried = [
      { threads: 1, results: text(100, 10) },
      { threads: 2, results: text(500, null) },
      { threads: 3, results: null },
    ];
    expect(bestThreads(tried)).toMatchObject({
      threads: 1,
      reason: "Only 1 could be measured.",
      tried: [{}, {}, { threads: 3, promptTokensPerS: null, generationTokensPerS: null }],
    });
    expect(() => bestThreads([{ threads: 3, results: null }])).toThrow(RangeError);
  });

  it("of an embedding model is that of most texts", () => {
    const vectors = (texts: number): BenchmarkResults => ({
      kind: "embedding",
      ...common,
      figures: [{ streams: 1, texts_per_s: texts, tokens_per_s: texts * 128, text_ms: 1000 / texts }],
    });
    const tried = [
      { threads: 1, results: vectors(10) },
      { threads: 2, results: vectors(18) },
    ];
    expect(bestThreads(tried)).toMatchObject({ threads: 2, tried: [{ textsPerS: 10 }, { textsPerS: 18 }] });
  });
});
