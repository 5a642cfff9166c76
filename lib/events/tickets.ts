/** Tickets for sockets of browsers, which cannot send a key with a WebSocket. They are in memory alone. */
import { randomBytes } from "node:crypto";
import { hashApiKey } from "../auth/api-keys.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Caller } from "../money/types.ts";
import type { Ticket } from "./types.ts";

/** A page uses its ticket at once. */
const goodForMs = 30_000;

/** Beyond this the oldest ones end: somebody asks for tickets and does not use them. */
const mostTickets = 1_000;

export class Tickets {
  readonly #clock: Clock;
  /** By their hash, so that the time a look-up takes tells nothing of a ticket. Oldest first. */
  readonly #issued = new Map<string, { caller: Caller; untilMs: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  issue(caller: Caller): Ticket {
    this.#forgetOld();
    const ticket = randomBytes(32).toString("base64url");
    this.#issued.set(hashApiKey(ticket), { caller, untilMs: this.#clock.monotonicMs() + goodForMs });
    return { ticket, expiresAtMs: this.#clock.wallMs() + goodForMs };
  }

  redeem(ticket: string): Caller | null {
    const hash = hashApiKey(ticket);
    const found = this.#issued.get(hash);
    this.#issued.delete(hash);
    return found && this.#clock.monotonicMs() < found.untilMs ? found.caller : null;
  }

  #forgetOld(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [hash, { untilMs }] of this.#issued) {
      if (nowMs < untilMs && this.#issued.size < mostTickets) return;
      this.#issued.delete(hash);
    }
  }
}
