/** What the target of a request may look like: checked before anything goes by it. */
import { pathOf } from "./lane.ts";

/**
 * Says what is wrong with a raw request target, or null.
 * Absolute-form targets are for proxies; a server that follows them can be led to other hosts. A path that cannot be
 * decoded names nothing, and Next answers it with a 500.
 */
export function targetFault(target: string): string | null {
  if (!target.startsWith("/")) return "The request target must begin with a slash.";
  if (!target.includes("%")) return null;
  try {
    decodeURIComponent(pathOf(target));
    return null;
  } catch {
    return "The path is not valid: after a % there must be two hexadecimal digits, and all of them must be UTF-8.";
  }
}
