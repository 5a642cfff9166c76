/** One connection to an engine, for one request at a time. */
import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type AnswerListener, AnswerParser } from "./answer-parser.ts";

const readBufferBytes = 64 * 1024;

/**
 * Reads of all connections land in the same memory, as each is dealt with before the next. On Windows the system writes
 * into it before it says so, which needs one for each.
 */
const sharedBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
const readBuffer = () =>
  process.platform === "win32" ? Buffer.allocUnsafeSlow(readBufferBytes) : sharedBuffer;

/** Where an engine listens. */
export interface Address {
  host: string;
  port: number;
  secure: boolean;
}

/** A whole request, head and body: a text, or pieces that follow each other. */
export type RequestBytes = string | readonly Uint8Array[];

export interface ConnectionListener extends AnswerListener {
  /** The connection broke before the answer was whole. Nothing follows. */
  onBroken(error: Error): void;
}

export class Connection {
  /** True when it has carried a request before: the engine may be closing it, unseen from here. */
  isReused = false;
  /** True when something of the present answer has come. */
  hasAnswered = false;
  /** True when it can carry something: what is given up before has never left. */
  isConnected = false;
  /** When it is given up, by `performance.now`; of meaning while it is idle. */
  idleUntilMs = 0;
  readonly #socket: Socket;
  readonly #parser = new AnswerParser();
  #listener: ConnectionListener | null = null;
  #failure: Error | null = null;
  readonly #onIdleClose: (connection: Connection) => void;

  /**
   * @param connectTimeoutMs how long connecting may take, name look-up and TLS included
   * @param onClose called when it closes between requests
   */
  constructor(address: Address, connectTimeoutMs: number, onClose: (connection: Connection) => void) {
    this.#onIdleClose = onClose;
    this.#socket = open(address, {
      buffer: readBuffer,
      callback: (length, buffer) => this.#read(length, buffer),
    });
    const connecting = setTimeout(
      () =>
        this.#socket.destroy(
          new Error(`No connection to ${address.host}:${address.port} in ${connectTimeoutMs} ms.`),
        ),
      connectTimeoutMs,
    );
    this.#socket
      .once(address.secure ? "secureConnect" : "connect", () => {
        clearTimeout(connecting);
        this.isConnected = true;
      })
      .on("error", (error) => {
        this.#failure ??= error;
      })
      .once("end", () => this.#readEnd())
      .once("close", () => {
        clearTimeout(connecting);
        this.#closed();
      });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** How long it may be kept for the next request; 0 when it may not, as where the engine did not take all of this one. */
  keepAliveMs(usualMs: number): number {
    const { keepsAlive, keepAliveMs } = this.#parser;
    if (!keepsAlive || !this.isOpen || this.#socket.writableLength > 0) return 0;
    return keepAliveMs ?? usualMs;
  }

  /** Sends a whole request, and hands the answer on as it comes. */
  run(request: RequestBytes, listener: ConnectionListener): void {
    this.#listener = listener;
    this.hasAnswered = false;
    this.#parser.begin(listener);
    if (typeof request === "string") this.#socket.write(request);
    else this.#writePieces(request);
  }

  /** The answer is whole, or nobody wants more of it. */
  release(): void {
    this.#listener = null;
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#parser.stop();
    this.#listener = null;
    this.#socket.destroy();
  }

  #writePieces(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #read(length: number, buffer: Uint8Array): boolean {
    this.hasAnswered = true;
    try {
      this.#parser.push(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      if (!this.#listener && !this.#parser.keepsAlive) this.#socket.destroy(); // It said more than was asked.
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  /** Nothing is left to wait for then, even where a part of the request has not been sent yet. */
  #readEnd(): void {
    try {
      this.#parser.endOfInput();
      this.#socket.destroy();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What the listener threw comes back to it as what broke the connection. */
  #fail(error: unknown): void {
    this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  #closed(): void {
    const listener = this.#listener;
    this.#listener = null;
    this.#parser.stop();
    if (listener) listener.onBroken(this.#failure ?? new Error("The engine closed the connection."));
    else this.#onIdleClose(this);
  }
}

function open({ host, port, secure }: Address, onread: OnReadOpts): Socket {
  if (!secure) return connectPlain({ host, port, onread, noDelay: true });
  const options = { host, port, onread, ...(isIP(host) === 0 && { servername: host }) };
  return connectTls(options).setNoDelay(true); // Node 20 takes no notice of the option here.
}
