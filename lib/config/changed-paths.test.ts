import { expect, it } from "vitest";
import { changedPaths } from "./changed-paths.ts";

it("names the innermost keys that differ", () => {
  const previous = { a: 1, b: { c: 1, d: [1, 2] }, e: null, gone: 1 };
  const next = { a: 1, b: { c: 2, d: [1, 3] }, e: { f: 1 }, added: { g: 1 } };
  expect(changedPaths(next, previous).map((path) => path.join("."))).toEqual([
    "b.c",
    "b.d",
    "e",
    "gone",
    "added",
  ]);
  expect(changedPaths(previous, structuredClone(previous))).toEqual([]);
});
