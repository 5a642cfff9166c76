/** `GET /openapi.json`: the document as text, made at the first request and kept. */
import { createHash } from "node:crypto";
import { openapiDocument } from "./document.ts";

interface Served {
  text: string;
  etag: string;
}

let kept: Served | null = null;

/** The document, or 304 where the client has it. It tells nothing that is not public, so any page may read it. */
export function openapiResponse(request: Request): Response {
  kept ??= serve();
  const { text, etag } = kept;
  const headers = {
    etag,
    "cache-control": "no-cache",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
  };
  if (isKnown(request.headers.get("if-none-match"), etag))
    return new Response(null, { status: 304, headers });
  return new Response(text, { headers: { ...headers, "content-type": "application/json" } });
}

function serve(): Served {
  const text = JSON.stringify(openapiDocument());
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}

/** Whether a client's copy is this one; a proxy may have marked it as weak (RFC 9110, 13.1.2). */
function isKnown(condition: string | null, etag: string): boolean {
  if (condition === null) return false;
  const tags = condition.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
