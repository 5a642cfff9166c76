import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LogPortion } from "../../lib/logs.ts";
import { LogTail } from "./log-tail.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

function listen(tail: LogTail) {
  const portions: LogPortion[] = [];
  return { portions, stop: tail.subscribe((portion) => portions.push(portion)) };
}

it("hands lines on together, a moment later", () => {
  const tail = new LogTail();
  tail.add("before");
  const { portions } = listen(tail);
  tail.add("one");
  tail.add("two");
  expect(portions).toEqual([]);
  vi.advanceTimersByTime(200);
  tail.add("three");
  vi.advanceTimersByTime(200);
  expect(portions).toEqual([
    { lines: ["one", "two"], dropped: 0 },
    { lines: ["three"], dropped: 0 },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

it("hands on the last of many, at most five times a second, and counts the rest", () => {
  const tail = new LogTail();
  const { portions } = listen(tail);
  for (let tenth = 0; tenth < 100; tenth++) {
    for (let line = 0; line < 1_000; line++) tail.add(`${tenth} ${line}`);
    vi.advanceTimersByTime(10);
  }
  expect(portions).toHaveLength(5);
  expect(portions.map(({ lines, dropped }) => lines.length + dropped)).toEqual(Array(5).fill(20_000));
  expect(Math.max(...portions.map(({ lines }) => lines.length))).toBe(500);
  expect(portions.at(-1)?.lines.at(-1)).toBe("99 999");
});

it("keeps nothing for those who have gone, and serves those who stay", () => {
  const tail = new LogTail();
  const [first, second] = [listen(tail), listen(tail)];
  tail.add("one");
  first.stop();
  first.stop();
  vi.advanceTimersByTime(200);
  expect([first.portions.length, second.portions.length]).toEqual([0, 1]);
  tail.add("two");
  second.stop();
  expect(vi.getTimerCount()).toBe(0);
  tail.add("three");
  const third = listen(tail);
  vi.advanceTimersByTime(200);
  expect(third.portions).toEqual([]);
});
