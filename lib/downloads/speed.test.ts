import { expect, it } from "vitest";
import { waitMs } from "./retry.ts";
import { etaS, Speed } from "./speed.ts";

it("a speed is smooth, comes to what it really is, and falls to nothing in silence", () => {
  const speed = new Speed(0);
  expect(speed.bytesPerS(100)).toBeNull();
  for (let ms = 500; ms <= 5_000; ms += 500) speed.add(500_000, ms);
  expect(speed.bytesPerS(5_000)).toBe(1_000_000);
  speed.add(2_000_000, 5_500);
  expect(speed.bytesPerS(5_500)).toBeGreaterThan(1_000_000);
  expect(speed.bytesPerS(5_500)).toBeLessThan(1_500_000);
  for (let ms = 6_000; ms <= 60_000; ms += 500) speed.bytesPerS(ms);
  expect(speed.bytesPerS(60_000)).toBeLessThan(100);
});

it("the time left is told where both are known", () => {
  expect(etaS(10_000_001, 1_000_000)).toBe(11);
  expect(etaS(null, 5)).toBeNull();
  expect(etaS(5, null)).toBeNull();
  expect(etaS(5, 0)).toBeNull();
});

it("waits double up to two minutes, and never less than the server asks", () => {
  expect([1, 2, 3, 7, 8, 20].map((failures) => waitMs(failures, null))).toEqual([
    1_000, 2_000, 4_000, 64_000, 120_000, 120_000,
  ]);
  expect(waitMs(1, 30)).toBe(30_000);
});
