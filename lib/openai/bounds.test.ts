import { describe, expect, it } from "vitest";
import { checkSchema, nestsTooDeep } from "./bounds.ts";

describe("nestsTooDeep", () => {
  it("counts brackets outside strings only", () => {
    expect(nestsTooDeep("[".repeat(100_000))).toBe(true);
    expect(nestsTooDeep(JSON.stringify({ code: "[".repeat(1000) }))).toBe(false);
    expect(nestsTooDeep(JSON.stringify({ code: '\\"[['.repeat(1000) }))).toBe(false);
    expect(nestsTooDeep("[]".repeat(1000))).toBe(false);
  });
});

describe("checkSchema", () => {
  it("allows ordinary schemas, property names that are keywords included", () => {
    const schema = {
      type: "object",
      properties: { pattern: { type: "string" }, enum: { enum: ["a", "b"] }, maxLength: { type: "integer" } },
      required: ["pattern"],
    };
    expect(() => checkSchema(schema, "schema")).not.toThrow();
  });

  it.each([
    ["wide", { properties: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`p${n}`, {}])) }],
    ["long", { description: "x".repeat(200_000) }],
    ["many values", Array.from({ length: 30_000 }, () => 1)],
    ["alternatives", { pattern: `^(${"a|".repeat(100)}b)$` }],
    ["repetition", { pattern: "^a{1,100000}$" }],
  ])("refuses one that is too %s", (_, schema) => {
    expect(() => checkSchema(schema, "schema")).toThrow(/too complex/);
  });
});
