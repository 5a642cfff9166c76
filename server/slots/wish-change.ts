/** What an edit of the configuration means for one slot. */
import { isDeepStrictEqual } from "node:util";
import type { LoadRequest } from "../../lib/slots/types.ts";

/**
 * @param previous the wish before the edit
 * @param next the wish after it
 * @param current what the slot runs or starts, whoever asked for it
 * @returns what to do; `keep` also where the slot does already what is wanted, as after a load over the API
 */
export function wishChange(
  previous: LoadRequest | null,
  next: LoadRequest | null,
  current: LoadRequest | null,
): "keep" | "load" | "unload" | "reload" {
  if (isSame(previous, next) || isSame(next, current)) return "keep";
  if (next === null) return "unload";
  return current === null ? "load" : "reload";
}

/** An option that is undefined and one that is not there are the same: a file cannot tell them apart. */
function isSame(one: LoadRequest | null, other: LoadRequest | null): boolean {
  return isDeepStrictEqual(asWritten(one), asWritten(other));
}

function asWritten(request: LoadRequest | null): unknown {
  return JSON.parse(JSON.stringify(request));
}
