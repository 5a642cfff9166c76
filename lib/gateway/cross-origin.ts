/** The one rule for pages of other origins: any of them may call `/v1`, as it never reads cookies; all else is closed. */

type Headers = Readonly<Record<string, string>>;

const exposedHeaders = [
  "x-request-id",
  "request-id",
  "retry-after",
  "x-should-retry",
  "openai-processing-ms",
  "server-timing",
  "idempotent-replayed",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-tokens",
  "x-ratelimit-reset-tokens",
].join(", ");

const anyOrigin = { "access-control-allow-origin": "*" };

/** What a browser wants to know before it lets a page call. It keeps that itself: caches keep no answer to OPTIONS. */
export const preflightHeaders: Headers = {
  ...anyOrigin,
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-allow-headers": "*, authorization",
  "access-control-max-age": "86400",
};

const forPages: Headers = { ...anyOrigin, "access-control-expose-headers": exposedHeaders, vary: "origin" };
const forCaches: Headers = { vary: "origin" };
const none: Headers = {};

/**
 * What any other `/v1` answer carries. Only browsers name an origin, so all others are spared these 300 bytes. A cache
 * could then give a page what it keeps of an answer without them, and the browser would refuse it: so an answer that
 * may be kept says that it varies (Fetch, "CORS protocol and HTTP caches"). To POST none may, without an explicit
 * lifetime (RFC 9110, 9.3.3); to GET even an error may (RFC 9111, 4.2.2).
 * @param origin the request's header of that name
 */
export function crossOriginHeaders(method: string | undefined, origin: string | null | undefined): Headers {
  if (typeof origin === "string") return forPages;
  return method === "GET" || method === "HEAD" ? forCaches : none;
}
