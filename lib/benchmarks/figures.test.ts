import { describe, expect, it } from "vitest";
import {
  type AnswerTimes,
  firstTokenMs,
  generationRate,
  median,
  promptRate,
  rounded,
  vectorRates,
} from "./figures.ts";

/** As recorded: sent at 1,000 ms unless said otherwise. */
const answer = (times: Partial<AnswerTimes>): AnswerTimes => ({
  sentMs: 1_000,
  firstMs: 1_500,
  lastMs: 2_500,
  readTokens: 500,
  outputTokens: 51,
  firstTokens: 1,
  ...times,
});

describe("one request", () => {
  it("is read until its first token and written after it", () => {
    expect(promptRate([answer({})])).toBe(1_000);
    expect(generationRate([answer({})])).toBe(50);
    expect(firstTokenMs([answer({})])).toBe(500);
  });

  it("has no speed of writing where nothing came after its first piece", () => {
    expect(generationRate([answer({ outputTokens: 1, lastMs: 1_500 })])).toBeNull();
    expect(generationRate([answer({ outputTokens: 4, firstTokens: 4, lastMs: 1_500 })])).toBeNull();
  });

  it("does not count what came with the first piece", () => {
    expect(generationRate([answer({ outputTokens: 54, firstTokens: 4 })])).toBe(50);
  });
});

describe("requests at once", () => {
  it("are read together until the last one's first token", () => {
    expect(promptRate([answer({}), answer({ firstMs: 3_000, lastMs: 4_000 })])).toBe(500);
    expect(firstTokenMs([answer({}), answer({ firstMs: 3_000 })])).toBe(1_250);
  });

  it("are written together as long as any of them is", () => {
    expect(generationRate([answer({}), answer({ firstMs: 2_000, lastMs: 3_000 })])).toBeCloseTo(100 / 1.5);
  });

  it("that came one after another do not count the time between them", () => {
    expect(generationRate([answer({}), answer({ firstMs: 9_000, lastMs: 10_000 })])).toBe(50);
  });

  it("of which one lies within another count its time once", () => {
    const within = answer({ firstMs: 1_600, lastMs: 1_700, outputTokens: 11 });
    expect(generationRate([within, answer({})])).toBe(60);
  });
});

it("texts are counted over the time from the first sent to the last answered", () => {
  const texts = [
    { sentMs: 0, answeredMs: 100, tokens: 50 },
    { sentMs: 0, answeredMs: 300, tokens: 60 },
    { sentMs: 100, answeredMs: 500, tokens: 40 },
  ];
  expect(vectorRates(texts)).toEqual({ textsPerS: 6, tokensPerS: 300, textMs: 300 });
});

it("a median is the middle, or between the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 4, 2])).toBe(3);
  expect(() => median([])).toThrow(RangeError);
});

it("figures have three digits", () => {
  expect([1234.5, 98.76, 0.012345].map(rounded)).toEqual([1230, 98.8, 0.0123]);
});
