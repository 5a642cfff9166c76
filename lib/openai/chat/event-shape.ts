/** A way around the searches of event-text.ts for nearly all events of a stream: they differ in one piece of text alone. */
import { generatedStart, timingsKey } from "./event-text.ts";

const backslash = 92;

/**
 * What stands around the text of an event that was looked at in full. Another event in which the same stands around its
 * text says nothing else either.
 */
export class EventShape {
  #before = "";
  /** Up to where the figures of `timings` begin, or to the end of the event. */
  #after = "";
  readonly #findKey: (text: string) => number;

  /** @param findKey finds the key of the text in an event; that of a chat's, where not given */
  constructor(findKey = generatedStart) {
    this.#findKey = findKey;
  }

  /** Where the text stands in an event that is known. */
  get textStart(): number {
    return this.#before.length;
  }

  /** Whether such events end with `timings`. */
  get hasTimings(): boolean {
    return this.#after.endsWith("{");
  }

  /**
   * Learns from an event that may go to the client, but for the timings at its end.
   * @param text of the event, as latin1
   * @param timings where they begin, or -1
   */
  learn(text: string, timings: number): void {
    const value = text.indexOf(":", this.#findKey(text)) + 1;
    const opening = text.startsWith(" ", value) ? value + 1 : value;
    const closing = text.indexOf('"', opening + 1);
    if (text[opening] !== '"' || text[closing - 1] === "\\") return;
    this.#before = text.slice(0, opening + 1);
    this.#after = text.slice(closing, timings === -1 ? text.length : timings + timingsKey.length + 1);
  }

  /** Index just after what is known of the event at `start`, or -1 where another text stands around its own, or it has none. */
  end(text: string, start: number): number {
    const from = start + this.#before.length;
    const quote = text.indexOf('"', from);
    const end = quote + this.#after.length;
    // Slices are compared a word at a time, and `startsWith` a character at a time.
    const isKnown =
      quote > from &&
      quote < text.indexOf("\n", start) &&
      text.charCodeAt(quote - 1) !== backslash &&
      this.#after !== "" &&
      text.slice(start, from) === this.#before &&
      text.slice(quote, end) === this.#after;
    return isKnown ? end : -1;
  }

  /** How many events a chunk has where all are known to the end, and may pass as they are; 0 otherwise. */
  count(text: string): number {
    if (this.hasTimings) return 0;
    let count = 0;
    for (let start = 0; start < text.length; count++) {
      start = this.end(text, start);
      if (start === -1) return 0;
    }
    return count;
  }
}
