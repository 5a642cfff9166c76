/** Server-sent events, cut out of a byte stream without copying or decoding what is only passed on. */
import { GatewayError } from "../errors.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** The data that ends OpenAI's streams. */
export const done = "[DONE]";

/** Longest event that an engine may send. The whole answer never stands in memory; one event does. */
const maxEventBytes = 4 * 1024 * 1024;

const nothing = Buffer.alloc(0);

/** An empty line may begin in these last bytes of what came before. */
const overlapBytes = 2;

/** Cuts a byte stream into whole events, each with the empty line that ends it. */
export class EventSplitter {
  /** Begins with the event that is not whole yet; there may be room behind it. */
  #rest: Buffer = nothing;
  #restBytes = 0;

  /** True when no part of an event is kept back. */
  get isAtBoundary(): boolean {
    return this.#restBytes === 0;
  }

  /**
   * Feeds a chunk; calls `onEvent` for each event that is complete with it. The slices share the chunk's memory.
   * @throws GatewayError when one event grows past 4 MiB
   */
  push(chunk: Buffer, onEvent: (event: Buffer) => void): void {
    const isFresh = this.isAtBoundary;
    const searchedBytes = Math.max(0, this.#restBytes - overlapBytes);
    const bytes = isFresh ? chunk : this.#append(chunk);
    let start = 0;
    for (let end = eventEnd(bytes, searchedBytes); end !== -1; end = eventEnd(bytes, start)) {
      onEvent(bytes.subarray(start, end));
      start = end;
    }
    this.#restBytes = bytes.length - start;
    if (this.#restBytes > maxEventBytes)
      throw new GatewayError("engine_crashed", "The engine behind this model sent an event without end.");
    // What was handed on is never written to again: a slice has no room behind it, so the next piece moves it.
    if (isFresh || start > 0) this.#rest = this.#restBytes === 0 ? nothing : bytes.subarray(start);
  }

  /**
   * The last event of a stream that has ended, where nothing but its empty line is missing: `[DONE]`, or JSON that is
   * whole. Null when nothing is left, or an event that broke off.
   */
  lastEvent(): Buffer | null {
    if (this.isAtBoundary) return null;
    const rest = this.#rest.subarray(0, this.#restBytes);
    const event = Buffer.concat([rest, Buffer.from(rest.at(-1) === lineFeed ? "\n" : "\n\n")]);
    const data = eventData(event) ?? "";
    return data === done || isJson(data) ? event : null;
  }

  /** Room doubles, so that an event in a million pieces is not copied a million times. A list of them would be far larger. */
  #append(chunk: Buffer): Buffer {
    const sizeBytes = this.#restBytes + chunk.length;
    if (sizeBytes > this.#rest.length) {
      const wider = Buffer.allocUnsafe(this.#restBytes + sizeBytes);
      this.#rest.copy(wider, 0, 0, this.#restBytes);
      this.#rest = wider;
    }
    chunk.copy(this.#rest, this.#restBytes);
    return this.#rest.subarray(0, sizeBytes);
  }
}

/** Index just after the next event's empty line, or -1. Lines end with LF or CRLF. Reads each byte behind `start` once. */
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
  if (text.startsWith("data: ") && text.indexOf("\n") === text.length - 2 && text.at(-3) !== "\r")
    return text.slice(6, -2);
  let data: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith("data:")) continue;
    const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

/** True for an event named `error`. */
export function isNamedError(event: Buffer): boolean {
  return /^event: ?error\r?$/m.test(event.toString("latin1"));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One `data:` event with a JSON value. */
export function jsonEvent(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

/** The event that ends OpenAI's streams. */
export const doneEvent = Buffer.from(`data: ${done}\n\n`);
