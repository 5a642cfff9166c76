/** JSON Merge Patch (RFC 7396), and plain JSON values. */

export type JsonObject = { [key: string]: unknown };

/** True for what JSON calls an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The target with the patch applied; neither is changed. Objects are merged, `null` deletes, all else replaces.
 * A key `__proto__` is dropped, as it would reach every object of the process.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (key === "__proto__") continue;
    if (change === null) delete merged[key];
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, change);
  }
  return merged;
}
