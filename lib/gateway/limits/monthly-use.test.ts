import { expect, it } from "vitest";
import { MonthlyUse, monthStartMs, nextMonthMs } from "./monthly-use.ts";

it("counts a calendar month, and begins the next one with nothing", () => {
  const use = new MonthlyUse();
  const december = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
  use.add(december, 5, 100);
  use.add(december, 7, 10);
  expect([use.costNanos(december), use.tokens(december)]).toEqual([12, 110]);
  expect([use.costNanos(december + 1), use.tokens(december + 1)]).toEqual([0, 0]);
  use.add(december + 1, 1, 2);
  expect([use.costNanos(december + 1), use.tokens(december + 1)]).toEqual([1, 2]);
});

it("knows where a month begins and ends", () => {
  const nowMs = Date.UTC(2026, 11, 15, 12);
  expect(monthStartMs(nowMs)).toBe(Date.UTC(2026, 11, 1));
  expect(nextMonthMs(nowMs)).toBe(Date.UTC(2027, 0, 1));
});
