import { describe, expect, it } from "vitest";
import { affordableBound, type PriceQuestion } from "./price-bound.ts";

/** A prompt token costs 1,000 nano-dollars, a generated one 2,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.002 };
const question: PriceQuestion = { pricing, promptTokens: 100, outputTokens: 50, choices: 1, isNamed: false };

describe("affordableBound", () => {
  it("is all that was asked for where the balance pays for it", () => {
    expect(affordableBound(question, 200_000)).toEqual({ outputTokens: 50, costNanos: 200_000 });
  });

  it("shortens an answer without a bound of the client's to what the balance pays for", () => {
    expect(affordableBound(question, 199_999)).toEqual({ outputTokens: 49, costNanos: 198_000 });
    expect(affordableBound(question, 132_000)).toEqual({ outputTokens: 16, costNanos: 132_000 });
  });

  it("refuses fewer than 16 tokens, and names what could be had", () => {
    expect(() => affordableBound(question, 131_999)).toThrow(
      /may cost up to \$0\.0002, and \$0\.000131999 is available\. Ask for at most 15 output tokens/,
    );
  });

  it("never shortens what the client named", () => {
    expect(() => affordableBound({ ...question, isNamed: true }, 199_999)).toThrow(
      /at most 49 output tokens/,
    );
  });

  it("holds every choice", () => {
    expect(affordableBound({ ...question, choices: 2 }, 300_000).costNanos).toBe(300_000);
    expect(affordableBound({ ...question, choices: 2 }, 260_000)).toEqual({
      outputTokens: 40,
      costNanos: 260_000,
    });
  });

  it("asks for a top-up where not even the prompt is paid for", () => {
    expect(() => affordableBound(question, 0)).toThrow(/\$0 is available\. Ask the operator/);
  });

  it("asks for no balance where nothing costs anything", () => {
    const free = { ...question, pricing: { input_per_1k: 0, output_per_1k: 0 } };
    expect(affordableBound(free, 0)).toEqual({ outputTokens: 50, costNanos: 0 });
  });

  it("holds the seconds of a sound that is charged by them, whatever the answer may be", () => {
    const sound = { ...question, pricing: { ...pricing, audio_second: 0.0001 }, audioMs: 2_600 };
    expect(affordableBound(sound, 300_000)).toEqual({ outputTokens: 50, costNanos: 300_000 });
    expect(() => affordableBound(sound, 299_999)).toThrow(
      /costs \$0\.0003, and \$0\.000299999 is available\. Send a shorter one/,
    );
  });

  it("holds tokens of a sound that is charged by tokens", () => {
    expect(affordableBound({ ...question, audioMs: 2_600 }, 200_000).costNanos).toBe(200_000);
  });
});
