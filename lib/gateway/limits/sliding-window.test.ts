import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "./sliding-window.ts";

describe("SlidingWindow", () => {
  it("allows no double burst at the boundary of a minute", () => {
    const window = new SlidingWindow();
    for (let request = 0; request < 5; request++) expect(window.take(59_000 + request, 5)).toBe(true);
    expect(window.take(60_001, 5)).toBe(false);
    expect(window.take(118_999, 5)).toBe(false);
    expect(window.take(119_000, 5)).toBe(true);
    expect(window.take(119_000, 5)).toBe(false);
  });

  it("does not count what it refuses, and says when to come back", () => {
    const window = new SlidingWindow();
    window.take(0, 1);
    for (let attempt = 1; attempt <= 100; attempt++) expect(window.take(attempt, 1)).toBe(false);
    expect(window.state(20_000, 1)).toEqual({ limit: 1, remaining: 0, nextInMs: 40_000, resetMs: 40_000 });
    expect(window.take(60_000, 1)).toBe(true);
  });

  it("waits for the right request when the limit was lowered below what is used", () => {
    const window = new SlidingWindow();
    for (let request = 0; request < 10; request++) window.take(request * 1000, 10);
    expect(window.state(10_000, 3).nextInMs).toBe(57_000);
  });

  it("takes back the request that is named by its time, and no other", () => {
    const window = new SlidingWindow();
    for (const timeMs of [0, 1_000, 2_000, 2_000, 3_000]) window.take(timeMs, 5);
    window.giveBack(1_000);
    window.giveBack(1_000);
    window.giveBack(500);
    expect(window.state(3_000, 5).remaining).toBe(1);
    expect(window.state(60_000, 5)).toMatchObject({ remaining: 2, resetMs: 2_000 });
    expect(window.state(62_000, 5)).toMatchObject({ remaining: 4, resetMs: 1_000 });
  });

  it("agrees with a plain list of times", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 20 }),
        (steps, limit) => {
          const window = new SlidingWindow();
          let times: number[] = [];
          let nowMs = 0;
          for (const step of steps) {
            nowMs += step;
            times = times.filter((timeMs) => timeMs > nowMs - 60_000);
            const allowed = times.length < limit;
            if (allowed) times.push(nowMs);
            expect(window.take(nowMs, limit)).toBe(allowed);
            expect(window.state(nowMs, limit).remaining).toBe(limit - times.length);
          }
        },
      ),
    );
  });
});
