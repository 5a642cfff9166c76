/** The way of a streamed answer to its client: the status is held back until there is something to say. */
import type { AnswerSink } from "./forward.ts";

const highWaterBytes = 64 * 1024;

/** How long the status of a stream is held, so that failures still get a status of their own. */
const heldMs = 10_000;
const keepAliveMs = 5_000;

/** A client that reads nothing for this long is taken for gone, so that it does not keep an engine for itself. */
const stalledReaderMs = 60_000;

/**
 * A stream towards the client. `opened` resolves with the first bytes, or after 10 s: from then on comments keep the
 * connection alive.
 */
export class ClientStream implements AnswerSink {
  readonly body: ReadableStream<Uint8Array>;
  readonly opened: Promise<void>;
  onDrain: (() => void) | null = null;
  onLeft: (() => void) | null = null;
  /** Called with each piece of the engine's answer. */
  onData: (bytes: Buffer) => void = () => {};
  /** Set while waiting: what a comment tells the client. */
  status = "working";
  isOpen = false;
  hasSent = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #open: () => void = () => {};
  #timer: NodeJS.Timeout;
  #stallTimer: NodeJS.Timeout | null = null;

  constructor() {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#drained(),
        cancel: () => this.#left(),
      },
      { highWaterMark: highWaterBytes, size: (bytes) => bytes.byteLength },
    );
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#timer = setTimeout(() => this.#keepAlive(), heldMs);
  }

  get wantsMore(): boolean {
    const free = this.#controller?.desiredSize ?? 0;
    if (free <= 0) this.#stallTimer ??= setTimeout(() => this.#stalled(), stalledReaderMs);
    return free > 0;
  }

  send(bytes: Buffer): void {
    if (!this.hasSent) {
      this.hasSent = true;
      this.#opens();
      clearTimeout(this.#timer);
    }
    this.#controller?.enqueue(bytes);
  }

  /** Ends the stream; one that was never opened is simply dropped, as nobody reads it. */
  close(): void {
    this.#release();
    this.#controller?.close();
    this.#controller = null;
  }

  #opens(): void {
    this.isOpen = true;
    this.#open();
  }

  #keepAlive(): void {
    this.#opens();
    this.#controller?.enqueue(Buffer.from(`: ${this.status}\n\n`));
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
    this.#controller = null;
    this.onLeft?.();
  }

  #stalled(): void {
    this.#controller?.error(new Error("The client stopped reading."));
    this.#left();
  }

  #release(): void {
    clearTimeout(this.#timer);
    if (this.#stallTimer) clearTimeout(this.#stallTimer);
  }
}
