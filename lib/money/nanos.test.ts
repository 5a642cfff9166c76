import fc from "fast-check";
import { expect, test } from "vitest";
import {
  chargedSeconds,
  costNanos,
  dollarsFromNanos,
  dollarText,
  nanosFromDollars,
  tokenCostNanos,
  usageCostNanos,
} from "./nanos.ts";

test.each([
  [0, 0],
  ["0", 0],
  [-0, 0],
  [1, 1_000_000_000],
  [12.5, 12_500_000_000],
  ["12.50", 12_500_000_000],
  [0.1, 100_000_000],
  [0.0001, 100_000],
  [1e-7, 100],
  ["1e-9", 1],
  ["0.10000000000", 100_000_000],
  [-3.25, -3_250_000_000],
  ["9007199.254740991", Number.MAX_SAFE_INTEGER],
])("%s dollars are %d nano-dollars", (dollars, nanos) => {
  expect(nanosFromDollars(dollars)).toBe(nanos);
});

test.each(["", " ", "abc", "1,5", "1.", ".5", "0x10", "1e", "--1", "Infinity", Number.NaN])(
  "%j is no amount",
  (text) => {
    expect(() => nanosFromDollars(text)).toThrow(RangeError);
  },
);

test("an amount finer than a nano-dollar or too large to be exact is refused", () => {
  expect(() => nanosFromDollars("0.0000000001")).toThrow("Finer than a nano-dollar");
  expect(() => nanosFromDollars(1e-10)).toThrow("Finer than a nano-dollar");
  expect(() => nanosFromDollars("9007199.254740992")).toThrow("More than nine million");
  expect(() => nanosFromDollars(1e300)).toThrow("More than nine million");
});

test("every amount up to eight million dollars survives the way through JSON", () => {
  const eightMillion = 8_000_000 * 1_000_000_000;
  fc.assert(
    fc.property(fc.integer({ min: -eightMillion, max: eightMillion }), (nanos) => {
      const dollars = JSON.parse(JSON.stringify(dollarsFromNanos(nanos)));
      expect(nanosFromDollars(dollars)).toBe(nanos === 0 ? 0 : nanos);
    }),
    { numRuns: 2000 },
  );
});

const pricing = { input_per_1k: 0.0001, output_per_1k: 0.0002 };

test("tokens cost their price per thousand", () => {
  const counts = { promptTokens: 1000, cachedTokens: 0, completionTokens: 500 };
  expect(tokenCostNanos(pricing, counts)).toBe(100_000 + 100_000);
});

test("cached tokens have their own price where there is one", () => {
  const counts = { promptTokens: 1000, cachedTokens: 400, completionTokens: 0 };
  expect(tokenCostNanos(pricing, counts)).toBe(100_000);
  expect(tokenCostNanos({ ...pricing, cached_input_per_1k: 0.00001 }, counts)).toBe(60_000 + 4_000);
  expect(tokenCostNanos({ ...pricing, cached_input_per_1k: 0 }, counts)).toBe(60_000);
});

test("a cost is rounded up once, not once for each part", () => {
  // 0.4 + 0.4 + 0.4 nano-dollars.
  expect(
    costNanos([
      [1, 400],
      [1, 400],
      [1, 400],
    ]),
  ).toBe(2);
  expect(costNanos([[1, 1]])).toBe(1);
  expect(costNanos([[0, 400]])).toBe(0);
});

test("a cost is exact where the product exceeds what a number holds", () => {
  expect(costNanos([[3_000_001, 9_007_199_251]])).toBe(27_021_606_760_200);
});

const soundPricing = { ...pricing, audio_second: 0.0001 };
const heard = (audioMs: number) => ({
  promptTokens: 500,
  cachedTokens: 0,
  completionTokens: 100,
  media: { audioMs },
});

test.each([
  [1, 1],
  [499, 1],
  [1_000, 1],
  [1_499, 1],
  [1_500, 2],
  [59_500, 60],
  [3_600_000, 3_600],
])("%d ms of sound cost %d seconds, and no tokens", (audioMs, seconds) => {
  expect(chargedSeconds(soundPricing, audioMs)).toBe(seconds);
  expect(usageCostNanos(soundPricing, heard(audioMs))).toBe(seconds * 100_000);
});

test("sound is charged by its tokens where a second has no price, and tokens stay tokens where there is no sound", () => {
  const tokens = 500 * 100 + 100 * 200;
  expect(usageCostNanos(pricing, heard(60_000))).toBe(tokens);
  expect(usageCostNanos({ ...pricing, audio_second: null }, heard(60_000))).toBe(tokens);
  expect(usageCostNanos(soundPricing, heard(0))).toBe(tokens);
  expect(usageCostNanos(soundPricing, { promptTokens: 500, cachedTokens: 0, completionTokens: 100 })).toBe(
    tokens,
  );
  expect(chargedSeconds(soundPricing, 0)).toBeNull();
  expect(chargedSeconds(pricing, 60_000)).toBeNull();
});

test("a second may be free, or cost a nano-dollar", () => {
  expect(usageCostNanos({ ...pricing, audio_second: 0 }, heard(60_000))).toBe(0);
  expect(usageCostNanos({ ...pricing, audio_second: 1e-9 }, heard(60_000))).toBe(60);
});

test.each([
  [0, "$0"],
  [100, "$0.0000001"],
  [1_500_000_000, "$1.5"],
  [-2_000_000_001, "-$2.000000001"],
  [8_000_000_000_000_000, "$8000000"],
])("writes %d nano-dollars in a sentence as %s", (nanos, text) => {
  expect(dollarText(nanos)).toBe(text);
});
