/**
 * What is still to be sent on one socket. One message is on its way at a time; what comes meanwhile waits here, within
 * bounds: of a state only the latest is kept, of lines the last ones and a count of those that were dropped.
 */

import type { Portion } from "./types.ts";

/** Hands text to the socket, and calls back when the system has taken it. */
export type Send = (text: string, onSent: () => void) => void;

const mostLines = 500;
const mostLineUnits = 500_000;
const mostNotices = 20;

interface Lines {
  lines: string[];
  units: number;
  dropped: number;
}

export class Outbox {
  readonly #send: Send;
  /** By topic: a state as JSON, or lines. Whose turn is next comes first, so that none keeps others waiting. */
  readonly #waiting = new Map<string, string | Lines>();
  readonly #notices: string[] = [];
  #isSending = false;

  constructor(send: Send) {
    this.#send = send;
  }

  /** @param json the topic's state */
  state(topic: string, json: string): void {
    this.#waiting.set(topic, json);
    this.#next();
  }

  lines(topic: string, added: Portion): void {
    const before = this.#waiting.get(topic);
    const waiting = typeof before === "object" ? before : { lines: [], units: 0, dropped: 0 };
    // What is missing lies between those that wait and these: the count goes before all of them.
    waiting.dropped += added.dropped;
    for (const line of added.lines) append(waiting, line);
    this.#waiting.set(topic, waiting);
    this.#next();
  }

  /** A message of another kind. Who makes errors without reading of them is told of the first ones alone. */
  notice(message: object): void {
    if (this.#notices.length < mostNotices) this.#notices.push(JSON.stringify(message));
    this.#next();
  }

  /** Nothing of this topic is sent any more. */
  forget(topic: string): void {
    this.#waiting.delete(topic);
  }

  #next(): void {
    if (this.#isSending) return;
    const text = this.#notices.shift() ?? this.#nextWaiting();
    if (text === null) return;
    this.#isSending = true;
    this.#send(text, () => {
      this.#isSending = false;
      this.#next();
    });
  }

  #nextWaiting(): string | null {
    for (const [topic, what] of this.#waiting) {
      this.#waiting.delete(topic);
      const json =
        typeof what === "string" ? what : JSON.stringify({ lines: what.lines, dropped: what.dropped });
      return `{"topic":${JSON.stringify(topic)},"data":${json}}`;
    }
    return null;
  }
}

function append(waiting: Lines, line: string): void {
  waiting.lines.push(line);
  waiting.units += line.length;
  while (waiting.lines.length > mostLines || waiting.units > mostLineUnits) {
    waiting.units -= waiting.lines.shift()?.length ?? 0;
    waiting.dropped++;
  }
}
