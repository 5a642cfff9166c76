import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceededBound, nestsTooDeep } from "./json-text.ts";

/** Values and levels as a reader of the parsed JSON counts them. */
function measure(value: unknown): { levels: number; values: number } {
  if (typeof value !== "object" || value === null) return { levels: 0, values: 1 };
  const members = Object.values(value).map(measure);
  return {
    levels: 1 + Math.max(0, ...members.map(({ levels }) => levels)),
    values: 1 + members.reduce((sum, { values }) => sum + values, 0),
  };
}

describe("exceededBound", () => {
  it.each([
    ["[[1],[2]]", { levels: 2, values: 5 }, null],
    ["[[1],[2]]", { levels: 1, values: 5 }, "levels"],
    ["[[1],[2]]", { levels: 2, values: 4 }, "values"],
    ['{"a":"[,,,","b":"\\"[,"}', { levels: 1, values: 3 }, null],
    ['["\\\\",1,2]', { levels: 1, values: 3 }, "values"],
    ['{"cut off', { levels: 1, values: 2 }, null],
    ["", { levels: 0, values: 1 }, null],
  ])("of %s within %o is %s", (text, most, exceeded) => {
    expect(exceededBound(text, most)).toBe(exceeded);
  });

  it("counts what a parser would find, and at most one more for each empty list or object", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isSpaced) => {
        const text = JSON.stringify(value, null, isSpaced ? 2 : 0);
        const { levels, values } = measure(JSON.parse(text));
        const empty = text.split(/\[\]|\{\}/).length - 1;
        expect(exceededBound(text, { levels, values: values + empty })).toBe(null);
        if (levels > 0) expect(exceededBound(text, { levels: levels - 1, values: Infinity })).toBe("levels");
        if (values > 1) expect(exceededBound(text, { levels, values: values - 1 })).toBe("values");
      }),
    );
  });
});

describe("nestsTooDeep", () => {
  it("counts brackets outside strings only", () => {
    expect(nestsTooDeep("[".repeat(100_000))).toBe(true);
    expect(nestsTooDeep(JSON.stringify({ code: "[".repeat(1000) }))).toBe(false);
    expect(nestsTooDeep(JSON.stringify({ code: '\\"[['.repeat(1000) }))).toBe(false);
    expect(nestsTooDeep("[]".repeat(1000))).toBe(false);
  });
});
