/** A way around parsing for the event that makes up nearly all of llama-server's streams: one piece of text. */
import { eventData } from "../sse.ts";

const opening = Buffer.from('data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"');
const closing = Buffer.from('"}}],"created":');
const backslash = "\\";

/**
 * The text that this event adds to the first choice, where it does nothing else; null for every other event, which has
 * to be parsed.
 */
export function tokenText(event: Buffer): string | null {
  if (event.length < opening.length || event.compare(opening, 0, opening.length, 0, opening.length) !== 0)
    return null;
  const end = event.indexOf(closing, opening.length);
  if (end === -1) return null;
  const text = event.toString("utf8", opening.length, end);
  // A quote that is not escaped ends the text: then there is more in the event than text.
  if (!text.includes(backslash)) return text.includes('"') ? null : text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return null;
  }
}

/**
 * The `timings` that an event carries; undefined where there are none, or where it is no JSON: nobody has looked at what
 * stands behind the text so far, and a request that fails has to be settled all the same.
 */
export function tokenTimings(event: Buffer): unknown {
  try {
    const chunk: unknown = JSON.parse(eventData(event) ?? "null");
    return typeof chunk === "object" && chunk !== null && "timings" in chunk ? chunk.timings : undefined;
  } catch {
    return undefined;
  }
}
