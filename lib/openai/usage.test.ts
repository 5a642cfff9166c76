import { describe, expect, it } from "vitest";
import { addChoice, engineUsageToWire, usageFromWire, withMedia } from "./usage.ts";

describe("usageFromWire", () => {
  const counted = { promptTokens: 7, cachedTokens: 0, completionTokens: 3, estimated: false };

  it.each([
    { prompt_tokens: 7, completion_tokens: 3 },
    { prompt_tokens: 7, completion_tokens: 3, total_tokens: null, completion_tokens_details: null },
    { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: null },
    { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: null } },
  ])("reads %o", (usage) => expect(usageFromWire(usage)).toEqual(counted));

  it("takes null for nothing written yet", () => {
    expect(usageFromWire({ prompt_tokens: 7, completion_tokens: null })?.completionTokens).toBe(0);
  });

  it.each([
    null,
    {},
    { prompt_tokens: null },
    { prompt_tokens: null, completion_tokens: null },
    { prompt_tokens: -1 },
    { prompt_tokens: 1e300 },
    "7",
  ])("finds no counts in %o", (usage) => expect(usageFromWire(usage)).toBeNull());
});

describe("engineUsageToWire", () => {
  const usage = { promptTokens: 7, cachedTokens: 2, completionTokens: 3, estimated: false };

  it("keeps what else an engine tells, and fills in what it leaves out", () => {
    const own = {
      prompt_tokens: 7,
      completion_tokens: null,
      prompt_tokens_details: null,
      cost: 0.1,
      completion_tokens_details: { reasoning_tokens: 1 },
    };
    expect(engineUsageToWire(own, usage)).toEqual({
      prompt_tokens: 7,
      completion_tokens: 3,
      total_tokens: 10,
      prompt_tokens_details: { cached_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 1 },
      cost: 0.1,
    });
    expect(engineUsageToWire(undefined, usage)).toMatchObject({ total_tokens: 10 });
  });
});

describe("images and sounds in a prompt", () => {
  const usage = { promptTokens: 100, cachedTokens: 2, completionTokens: 3, estimated: false };
  const media = (imageTokens: number, audioTokens: number) => ({ imageTokens, audioTokens, audioMs: 0 });

  it("are what an engine says of them", () => {
    const own = {
      prompt_tokens: 100,
      completion_tokens: 3,
      prompt_tokens_details: { image_tokens: 60, audio_tokens: null },
    };
    const reported = usageFromWire(own);
    expect(reported?.media).toEqual(media(60, 0));
    const counted = { textTokens: 10, soundlessTokens: null, hasSounds: false };
    expect(reported && withMedia(reported, counted).media).toEqual(media(60, 0));
    expect(reported && addChoice(reported, usage).media).toEqual(media(60, 0));
    expect(reported && engineUsageToWire(own, reported).prompt_tokens_details).toEqual({
      cached_tokens: 0,
      image_tokens: 60,
      audio_tokens: 0,
    });
  });

  it.each([
    ["images", { textTokens: 40, soundlessTokens: null, hasSounds: false }, media(60, 0)],
    ["sounds", { textTokens: 40, soundlessTokens: null, hasSounds: true }, media(0, 60)],
    ["both", { textTokens: 40, soundlessTokens: 56, hasSounds: true }, media(16, 44)],
    ["a prompt that was cut", { textTokens: 140, soundlessTokens: 156, hasSounds: true }, media(0, 0)],
    ["more than all", { textTokens: 40, soundlessTokens: 156, hasSounds: true }, media(60, 0)],
  ])("are the rest of the prompt where it does not: %s", (_what, count, expected) => {
    expect(withMedia(usage, count).media).toEqual(expected);
  });

  it("are unknown where nobody counted", () => {
    expect(withMedia(usage, null)).toBe(usage);
    expect(engineUsageToWire(undefined, usage).prompt_tokens_details).toEqual({ cached_tokens: 2 });
  });
});
