/** One open socket of live events. */
import type { WebSocket } from "ws";
import { Outbox } from "../../../lib/events/outbox.ts";
import { closeCodes, Session } from "../../../lib/events/session.ts";
import type { Events } from "../../../lib/events/types.ts";
import type { Caller } from "../../../lib/money/types.ts";
import { mayWatch } from "./admission.ts";

/** A client that has not answered so many pings is gone. */
const mostPings = 6;

/** Bytes that the protocol allows (RFC 6455, 5.5). */
const longestReason = 123;

export class EventSocket {
  readonly #webSocket: WebSocket;
  readonly #caller: Caller;
  readonly #session: Session;
  readonly #onError: (error: unknown) => void;
  #unanswered = 0;
  /** Resolves with the code when the socket has ended. */
  readonly closed: Promise<number>;

  /** @param onError told of faults of our own */
  constructor(webSocket: WebSocket, caller: Caller, events: Events, onError: (error: unknown) => void) {
    this.#webSocket = webSocket;
    this.#caller = caller;
    this.#onError = onError;
    const outbox = new Outbox((text, onSent) => this.#send(text, onSent));
    this.#session = new Session(events, outbox, (code, reason) => this.close(code, reason));
    this.closed = new Promise((resolve) => {
      webSocket.once("close", (code) => {
        this.#session.end();
        resolve(code);
      });
    });
    webSocket.on("error", () => {}); // A broken frame or connection; `close` follows.
    webSocket.on("pong", () => {
      this.#unanswered = 0;
    });
    webSocket.on("message", (data, isBinary) => this.#receive(data.toString(), isBinary));
  }

  /** Ends it where its caller may watch no more, or its client is gone; otherwise asks for a sign of life. */
  check(): void {
    if (!this.#mayGoOn()) return;
    if (this.#unanswered >= mostPings) this.terminate();
    else if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping();
    this.#unanswered++;
  }

  close(code: number, reason: string): void {
    this.#session.end();
    this.#webSocket.close(code, reason.replaceAll(/[^ -~]/g, "?").slice(0, longestReason));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  #receive(text: string, isBinary: boolean): void {
    this.#unanswered = 0;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || !this.#mayGoOn()) return;
    if (isBinary) this.close(closeCodes.notText, "Messages are JSON in text.");
    else {
      try {
        this.#session.receive(text);
      } catch (error) {
        this.#onError(error);
        this.close(closeCodes.failed, "The gateway hit an internal error.");
      }
    }
  }

  /** Asked before each message, so that nothing is told to who may not know it any more. */
  #send(text: string, onSent: () => void): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || !this.#mayGoOn()) return;
    this.#webSocket.send(text, (error) => {
      if (!error) onSent();
    });
  }

  #mayGoOn(): boolean {
    if (mayWatch(this.#caller)) return true;
    this.close(closeCodes.refused, "The key is no longer valid.");
    return false;
  }
}
