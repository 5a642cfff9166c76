/** Server-sent events, cut out of a byte stream without copying or decoding what is only passed on. */

const lineFeed = 10;
const carriageReturn = 13;

/** Longest event that an engine may send. The whole answer never stands in memory; one event does. */
const maxEventBytes = 4 * 1024 * 1024;

/** Thrown when an engine sends an event without end. */
export class EventTooLargeError extends Error {
  override readonly name = "EventTooLargeError";
}

/** Cuts a byte stream into whole events, each with the empty line that ends it. */
export class EventSplitter {
  #rest: Buffer | null = null;

  /** True when no part of an event is kept back. */
  get isAtBoundary(): boolean {
    return this.#rest === null;
  }

  /**
   * Feeds a chunk; calls `onEvent` for each event that is complete with it. The slices share the chunk's memory.
   * @throws EventTooLargeError when one event grows past 4 MiB
   */
  push(chunk: Buffer, onEvent: (event: Buffer) => void): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = eventEnd(bytes, start); end !== -1; end = eventEnd(bytes, start)) {
      onEvent(bytes.subarray(start, end));
      start = end;
    }
    this.#rest = start === bytes.length ? null : bytes.subarray(start);
    if (this.#rest !== null && this.#rest.length > maxEventBytes) throw new EventTooLargeError();
  }
}

/** Index just after the next event's empty line, or -1. Lines end with LF or CRLF. Reads each byte once. */
function eventEnd(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(lineFeed, start); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/**
 * The data of one event as text: its `data:` lines joined, or null for a comment or an event without data.
 * Follows the event stream format of the HTML standard for what engines send; `event:` and `id:` are not read here.
 */
export function eventData(event: Buffer): string | null {
  const text = event.toString("utf8");
  if (text.startsWith("data: ") && text.indexOf("\n") === text.length - 2) return text.slice(6, -2);
  let data: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith("data:")) continue;
    const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

/** One `data:` event with a JSON value. */
export function jsonEvent(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

/** The event that ends OpenAI's streams. */
export const doneEvent = Buffer.from("data: [DONE]\n\n");
