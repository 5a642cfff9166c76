/** Which keys differ between two configurations. */
import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "./merge-patch.ts";

/** Paths of the innermost keys that differ; lists are compared as a whole. */
export function changedPaths(next: unknown, previous: unknown, path: readonly string[] = []): string[][] {
  if (isDeepStrictEqual(next, previous)) return [];
  if (!isJsonObject(next) || !isJsonObject(previous)) return [[...path]];
  const keys = new Set([...Object.keys(previous), ...Object.keys(next)]);
  return [...keys].flatMap((key) => changedPaths(next[key], previous[key], [...path, key]));
}
