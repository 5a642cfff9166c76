import { describe, expect, it } from "vitest";
import { engineUsageToWire, usageFromWire } from "./usage.ts";

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
