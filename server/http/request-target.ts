/** What the target of a request may look like: checked before anything goes by it. */
import type { IncomingMessage } from "node:http";
import { GatewayError } from "../../lib/errors.ts";
import { isPortalApi, isV1 } from "./areas.ts";
import { pathOf } from "./lane.ts";

/** Where Next would redirect to the path without them, which clients do not follow with a POST. */
const emptyPartOrBackslash = /^[^?]*?(?:\/\/|\\)/;

/**
 * The refusal of a raw request target that nothing can go by, or null.
 * Absolute-form targets are for proxies; a server that follows them can be led to other hosts. A path that cannot be
 * decoded names nothing, and Next answers it with a 500.
 */
export function targetFault(target: string): GatewayError | null {
  if (!target.startsWith("/"))
    return new GatewayError("invalid_request", "The request target must begin with a slash.");
  if (emptyPartOrBackslash.test(target) && isApi(target.replaceAll(/[\\/]+/g, "/")))
    return new GatewayError("unknown_url", "Unknown request URL: its path has `//` or a backslash in it.");
  return target.includes("%") ? encodingFault(target) : null;
}

/** The refusal of a request that does not say which host it is for (RFC 9112, 3.2), or null. Node's own has no body. */
export function hostFault({ headers, httpVersion }: IncomingMessage): GatewayError | null {
  const isMissing = headers.host === undefined && httpVersion === "1.1";
  return isMissing ? new GatewayError("invalid_request", "The Host header is missing.") : null;
}

/** Pages are for browsers, which follow any redirect. */
function isApi(target: string): boolean {
  return isV1(target) || isPortalApi(target);
}

function encodingFault(target: string): GatewayError | null {
  try {
    decodeURIComponent(pathOf(target));
    return null;
  } catch {
    const message =
      "The path is not valid: after a % there must be two hexadecimal digits, and all of them must be UTF-8.";
    return new GatewayError("invalid_request", message);
  }
}
