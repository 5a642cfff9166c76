/** Which keys differ between two configurations. */
import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "./merge-patch.ts";

/** Paths of the innermost keys that differ, were added or are gone; lists are compared as a whole. */
export function changedPaths(next: unknown, previous: unknown, path: readonly string[] = []): string[][] {
  if (isDeepStrictEqual(next, previous)) return [];
  const here = [[...path]];
  const sections = [previous, next].map((value) => (value === undefined ? {} : value));
  if (!sections.every(isJsonObject)) return here;
  const [before = {}, after = {}] = sections;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const inner = [...keys].flatMap((key) => changedPaths(after[key], before[key], [...path, key]));
  return inner.length > 0 ? inner : here;
}
