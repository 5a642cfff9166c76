/** The way of a streamed answer to its client: the status is held back until there is something to say. */
import { answerHeaders, type Exchange } from "./exchange.ts";
import type { AnswerSink } from "./forward.ts";
import { type Outlet, outletFor } from "./outlet.ts";

/** How long the status of a stream is held, so that failures still get a status of their own. */
const heldMs = 10_000;
const keepAliveMs = 5_000;

/** A client that takes nothing for this long is given up, so that it does not keep an engine for itself. */
const stalledReaderMs = 60_000;

/**
 * A stream towards the client. `response` resolves with the first bytes, or after 10 s: from then on comments keep the
 * connection alive.
 */
export class ClientStream implements AnswerSink {
  /** What the route handler returns. Rejects when the request fails before its status was sent. */
  readonly response: Promise<Response>;
  onDrain: (() => void) | null = null;
  onLeft: (() => void) | null = null;
  hasEnough = false;
  /** Called with each piece of the engine's answer. */
  onData: (bytes: Buffer) => void = () => {};
  /** Set while waiting: what a comment tells the client. */
  status = "working";
  isOpen = false;
  readonly #exchange: Exchange;
  readonly #outlet: Outlet;
  #hasSent = false;
  #resolve: (response: Response) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #timer: NodeJS.Timeout;
  #stallTimer: NodeJS.Timeout | null = null;
  #pendingBytes = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#outlet = outletFor(exchange.request, {
      onDrained: () => this.#drained(),
      onLeft: () => this.#left(),
    });
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#keepAlive(), heldMs);
  }

  get wantsMore(): boolean {
    return this.#outlet.wantsMore;
  }

  send(bytes: Buffer): void {
    this.#sends();
    this.#outlet.write(bytes);
    if (!this.#outlet.wantsMore) this.#watchReader();
  }

  /** Sends the last bytes and ends the stream. */
  finish(bytes: Buffer): void {
    this.#sends();
    this.#release();
    this.#outlet.end(bytes);
  }

  /** Ends a stream whose status was not sent: the request gets an error answer instead. */
  fail(error: unknown): void {
    this.#release();
    this.#reject(error);
  }

  #sends(): void {
    if (this.#hasSent) return;
    this.#hasSent = true;
    clearTimeout(this.#timer);
    if (!this.isOpen) this.#open();
  }

  #open(): void {
    this.isOpen = true;
    const headers = answerHeaders(this.#exchange, "text/event-stream");
    headers["cache-control"] = "no-cache";
    headers["x-accel-buffering"] = "no";
    this.#resolve(this.#outlet.open(headers));
  }

  #keepAlive(): void {
    if (!this.isOpen) this.#open();
    this.#outlet.write(Buffer.from(`: ${this.status}\n\n`));
    this.#timer = setTimeout(() => this.#keepAlive(), keepAliveMs);
  }

  #drained(): void {
    if (this.#stallTimer) {
      clearTimeout(this.#stallTimer);
      this.#stallTimer = null;
    }
    const { onDrain } = this;
    this.onDrain = null;
    onDrain?.();
  }

  #left(): void {
    this.#release();
    this.onLeft?.();
  }

  #watchReader(): void {
    if (this.#stallTimer) return;
    this.#pendingBytes = this.#outlet.pendingBytes;
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = null;
      if (this.#outlet.pendingBytes < this.#pendingBytes) this.#watchReader();
      else this.#stalled();
    }, stalledReaderMs);
  }

  #stalled(): void {
    this.#outlet.cut();
    this.#left();
  }

  #release(): void {
    clearTimeout(this.#timer);
    if (this.#stallTimer) clearTimeout(this.#stallTimer);
  }
}
