import { expect, it } from "vitest";
import { changedPaths } from "./changed-paths.ts";

it("names the innermost keys that differ", () => {
  const previous = { a: 1, b: { c: 1, d: [1, 2] }, e: null, gone: 1, h: "text" };
  const next = { a: 1, b: { c: 2, d: [1, 3] }, e: { f: 1 }, added: { g: { h: 1 }, i: 2 }, empty: {}, h: {} };
  const paths = changedPaths(next, previous).map((path) => path.join("."));
  expect(paths).toEqual(["b.c", "b.d", "e", "gone", "h", "added.g.h", "added.i", "empty"]);
  expect(changedPaths(previous, structuredClone(previous))).toEqual([]);
});
