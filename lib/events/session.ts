/** What one socket watches, by what its client asks for. */
import { wrongValue } from "../wrong-value.ts";
import { clientMessage } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type { Events } from "./types.ts";

/** Codes of RFC 6455, 7.4.1. */
export const closeCodes = {
  notText: 1003,
  notJson: 1007,
  refused: 1008,
  failed: 1011,
  restart: 1012,
} as const;

export type Close = (code: number, reason: string) => void;

export class Session {
  readonly #events: Pick<Events, "source">;
  readonly #outbox: Outbox;
  readonly #close: Close;
  /** How to stop watching each topic. */
  readonly #watched = new Map<string, () => void>();

  constructor(events: Pick<Events, "source">, outbox: Outbox, close: Close) {
    this.#events = events;
    this.#outbox = outbox;
    this.#close = close;
  }

  /** Takes a message of the client; one that is malformed ends the socket. */
  receive(text: string): void {
    const message = parsed(text);
    const checked = clientMessage.safeParse(message);
    if (message === undefined) this.#close(closeCodes.notJson, "The message is not JSON.");
    else if (!checked.success) this.#close(closeCodes.refused, wrongValue(checked.error).message);
    else {
      for (const topic of checked.data.unsubscribe) this.#unsubscribe(topic);
      for (const topic of checked.data.subscribe) this.#subscribe(topic);
    }
  }

  end(): void {
    for (const topic of [...this.#watched.keys()]) this.#unsubscribe(topic);
  }

  #subscribe(topic: string): void {
    if (this.#watched.has(topic)) return;
    const source = this.#events.source(topic);
    if (!source) {
      const message = `There is no topic '${topic}'.`;
      this.#outbox.notice({ error: { code: "unknown_topic", message, topic } });
    } else if (source.kind === "state") {
      this.#watched.set(
        topic,
        source.feed.watch((json) => this.#outbox.state(topic, json)),
      );
    } else {
      // In one step, so that no line is missing in between, and none comes twice.
      this.#outbox.lines(topic, { lines: source.topic.last(), dropped: 0 });
      this.#watched.set(
        topic,
        source.topic.subscribe((portion) => this.#outbox.lines(topic, portion)),
      );
    }
  }

  #unsubscribe(topic: string): void {
    this.#watched.get(topic)?.();
    this.#watched.delete(topic);
    this.#outbox.forget(topic);
  }
}

/** Undefined for what is no JSON: that has no such value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
