import { afterEach, beforeEach, expect, it, vi } from "vitest";

const times = [1_764_000_000_000, 1_764_000_000_999, 1_764_000_001_000, 1_764_086_399_007];

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => vi.useRealTimers());

it("is ISO time to the millisecond", async () => {
  const { logTime } = await import("./log-time.ts");
  for (const time of times) {
    vi.setSystemTime(time);
    expect(logTime()).toBe(`,"time":"${new Date(time).toISOString()}"`);
  }
});
