/** Which part of the gateway a request target, as `/v1/models?x=1`, belongs to. */

/** OpenAI's API. */
export function isV1(target: string): boolean {
  return isWithin("/v1", target);
}

/** The portal's own APIs, which Next serves: their callers read JSON, and no redirects. */
export function isPortalApi(target: string): boolean {
  return isWithin("/admin/api", target) || isWithin("/user/api", target) || isWithin("/api", target);
}

/** The socket of live events. */
export function isEvents(target: string): boolean {
  return /^\/admin\/api\/events\/?(?:\?|$)/.test(target);
}

function isWithin(folder: string, target: string): boolean {
  if (!target.startsWith(folder)) return false;
  const next = target[folder.length];
  return next === undefined || next === "/" || next === "?";
}
