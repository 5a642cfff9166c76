import { describe, expect, it } from "vitest";
import { checkSchema } from "./bounds.ts";

describe("checkSchema", () => {
  it("allows ordinary schemas, property names that are keywords included", () => {
    const schema = {
      type: "object",
      properties: {
        pattern: { type: "string", pattern: "^[\\w.-]+@[\\w.-]+\\.[a-z]{2,6}$" },
        enum: { enum: ["a", "b"] },
        maxLength: { type: "integer", minimum: -5, maximum: 5 },
        minimum: { type: "array", minItems: 1, maxItems: 1, items: {} },
      },
      required: ["pattern"],
    };
    expect(() => checkSchema(schema, "schema")).not.toThrow();
  });

  it.each([
    ["wide", { properties: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`p${n}`, {}])) }],
    ["long", { description: "x".repeat(200_000) }],
    ["many values", Array.from({ length: 30_000 }, () => 1)],
    ["alternatives", { pattern: `^(${"a|".repeat(100)}b)$` }],
    ["fond of counts", { pattern: "^((a{0,30}){0,30}){0,30}$" }],
    ["backwards in a count", { pattern: "^a{5,2}$" }],
    ["backwards in a class", { pattern: "^[z-a]$" }],
    ["clever", { pattern: "^(?=a)b$" }],
    ["fond of itself", { pattern: "^(a)\\1$" }],
    ["cut off", { pattern: "^(a[b" }],
    ["half a character", { pattern: "^[\ud800]$" }],
    ["backwards in its length", { minLength: 5, maxLength: 2 }],
    ["negative", { minItems: -5 }],
    ["backwards in its range", { type: "integer", minimum: 10, maximum: -10 }],
    ["endless", { type: "integer", maximum: 1e300 }],
    ["long", { maxLength: "many" }],
    ["repetition", { pattern: "^a{1,100000}$" }],
  ])("refuses one that is too %s", (_, schema) => {
    expect(() => checkSchema(schema, "schema")).toThrow(/cannot be used/);
  });
});
