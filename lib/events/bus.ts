/** The topics that there are, and the tickets to watch them. */
import type { Logger } from "pino";
import { type Clock, systemClock } from "../clock.ts";
import type { Caller } from "../money/types.ts";
import { StateFeed } from "./state-feed.ts";
import { Tickets } from "./tickets.ts";
import type { Events, LinesTopic, Source, StateTopic, Ticket } from "./types.ts";

export class EventBus implements Events {
  readonly #log: Pick<Logger, "error">;
  readonly #feeds = new Map<string, StateFeed>();
  readonly #lines = new Map<string, (rest: string) => LinesTopic | null>();
  readonly #tickets: Tickets;

  constructor(log: Pick<Logger, "error">, clock: Clock = systemClock) {
    this.#log = log;
    this.#tickets = new Tickets(clock);
  }

  registerState(name: string, topic: StateTopic): void {
    const onError = (error: unknown) =>
      this.#log.error({ err: error, topic: name }, "An event could not be told.");
    this.#feeds.set(name, new StateFeed(topic, onError));
  }

  registerLines(name: string, find: (rest: string) => LinesTopic | null): void {
    this.#lines.set(name, find);
  }

  source(name: string): Source | null {
    const feed = this.#feeds.get(name);
    if (feed) return { kind: "state", feed };
    const [family = "", ...rest] = name.split(":");
    const topic = rest.length > 0 ? this.#lines.get(family)?.(rest.join(":")) : null;
    return topic ? { kind: "lines", topic } : null;
  }

  issueTicket(caller: Caller): Ticket {
    return this.#tickets.issue(caller);
  }

  redeemTicket(ticket: string): Caller | null {
    return this.#tickets.redeem(ticket);
  }
}
