import { expect, it } from "vitest";
import { lengthsWithin, wordsFor, wordsInNoOrder } from "./prompts.ts";

it("prompts have as many words as wanted, and none begins as another", () => {
  const prompts = Array.from({ length: 200 }, () => wordsInNoOrder(8));
  expect(prompts.every((prompt) => prompt.split(" ").length === 8)).toBe(true);
  expect(new Set(prompts).size).toBe(200);
  expect(wordsInNoOrder(3, () => 0)).toBe("time time time");
});

it("their length is taken from one that was counted", () => {
  expect(wordsFor(512, { words: 24, tokens: 32 })).toBe(384);
  expect(wordsFor(512, { words: 24, tokens: 0 })).toBeGreaterThan(512);
  expect(wordsFor(1, { words: 1, tokens: 100 })).toBe(1);
});

it("a short context shortens them", () => {
  const measure = { promptTokens: 512, outputTokens: 64 };
  expect(lengthsWithin(measure, 8_192)).toEqual(measure);
  expect(lengthsWithin(measure, 128)).toEqual({ promptTokens: 64, outputTokens: 32 });
  expect(lengthsWithin(measure, null)).toEqual(measure);
});
