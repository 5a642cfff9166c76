/** A merge patch that leaves nothing of what was there before. */
import { isJsonObject } from "./merge-patch.ts";

/**
 * The JSON Merge Patch (RFC 7396) that turns `before` into `after`.
 * @param after without `null` in it, which a merge patch cannot set
 */
export function replacingPatch(before: unknown, after: unknown): unknown {
  if (!isJsonObject(after) || !isJsonObject(before)) return after;
  const deleted = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return Object.fromEntries([
    ...deleted.map((key) => [key, null]),
    ...Object.entries(after).map(([key, value]) => [
      key,
      replacingPatch(Object.hasOwn(before, key) ? before[key] : undefined, value),
    ]),
  ]);
}
