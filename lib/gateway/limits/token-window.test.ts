import { describe, expect, it } from "vitest";
import { TokenWindow } from "./token-window.ts";

const minuteMs = 60_000;

describe("TokenWindow", () => {
  it("takes tokens up to the limit, and says when there is room again", () => {
    const window = new TokenWindow();
    window.add(0, 60);
    window.add(10_000, 30);
    expect(window.waitMs(20_000, 10, 100)).toBe(0);
    expect(window.waitMs(20_000, 11, 100)).toBe(50 + minuteMs - 20_000);
    expect(window.waitMs(20_000, 80, 100)).toBe(10_050 + minuteMs - 20_000);
    expect(window.waitMs(20_000, 101, 100)).toBeNull();
  });

  it("forgets nothing sooner than a minute later, so that no boundary allows twice the limit", () => {
    const window = new TokenWindow();
    window.add(1_000, 60);
    window.add(1_050, 40);
    expect(window.waitMs(1_050 + minuteMs - 1, 1, 100)).toBe(1);
    expect(window.waitMs(1_050 + minuteMs, 100, 100)).toBe(0);
  });

  it("counts what was used instead of what was reserved, as long as it is in the window", () => {
    const window = new TokenWindow();
    window.add(0, 5);
    const entry = window.add(0, 90);
    window.correct(entry, 5_000, 90, 20);
    expect(window.state(5_000, 100)).toEqual({ limit: 100, remaining: 75, resetMs: 55_050 });
    const late = window.add(10_000, 50);
    window.correct(late, 10_050 + minuteMs, 50, 10);
    expect(window.state(10_050 + minuteMs, 100)).toEqual({ limit: 100, remaining: 100, resetMs: 0 });
  });

  it("keeps its sum over thousands of requests", () => {
    const window = new TokenWindow();
    let expected: { atMs: number; tokens: number }[] = [];
    for (let index = 0; index < 5_000; index++) {
      const nowMs = index * 37;
      const reserved = (index % 13) + 1;
      const entry = window.add(nowMs, reserved);
      const tokens = index % 3 === 0 ? index % 5 : reserved;
      window.correct(entry, nowMs, reserved, tokens);
      expected = [...expected, { atMs: entry.atMs, tokens }].filter(({ atMs }) => atMs > nowMs - minuteMs);
      if (index % 250 !== 0) continue;
      const sum = expected.reduce((total, one) => total + one.tokens, 0);
      expect(window.state(nowMs, 1_000_000).remaining).toBe(1_000_000 - sum);
    }
  });
});
