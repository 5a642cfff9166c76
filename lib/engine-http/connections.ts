/**
 * Connections to one engine: what the request path asks engines through. Node's own client and undici are made for any
 * server; for one engine, one kind of request and bodies that are read as they come, this takes a fraction of their time.
 */
import { validateHeaderName, validateHeaderValue } from "node:http";
import { type Address, Connection, type ConnectionListener, type RequestBytes } from "./connection.ts";

/** Servers keep idle connections for 5 s and longer, where they do not say. */
const usualKeepAliveMs = 5_000;
/** Longer than this, some network in between forgets a connection without a word. */
const maxKeepAliveMs = 60_000;
/** Given up so long before the server would: a request must not cross with the close. */
const keepAliveMarginMs = 1_000;

/** Takes an answer as it comes. After `onEnd` or `onError`, nothing follows; but what one throws comes by `onError`. */
export interface AnswerHandler {
  onHead(status: number): void;
  /** Bytes that are good only during the call. */
  onData(bytes: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** A request that is being answered; afterwards nothing here has an effect. */
export interface RunningAnswer {
  /** False while nothing of the request can have reached the engine. */
  readonly hasSent: boolean;
  /** Stops reading until `resume`; what has been read already may still come. */
  pause(): void;
  resume(): void;
  /** Breaks it off; the handler is not called again. */
  abort(): void;
}

export interface ConnectionsOptions {
  /** Sent with every request: names and values in turn. */
  headers: readonly string[];
  /** False: each request has a connection of its own, which the engine is asked to close. */
  keepAlive: boolean;
  connectTimeoutMs: number;
}

export class EngineConnections {
  readonly #address: Address;
  /** All but the headers that tell of the body. */
  readonly #head: string;
  /** The header that tells of the body's type where a request has no other; empty where there is none. */
  readonly #typeLine: string;
  readonly #keepAlive: boolean;
  readonly #connectTimeoutMs: number;
  /** The newest last, and used first: so the others may be closed when there is less to do. */
  readonly #idle: Connection[] = [];
  #sweeper: NodeJS.Timeout | null = null;
  #isClosed = false;

  /**
   * @param origin `http:` or `https:`; its path is not used
   * @throws TypeError for a header that HTTP does not allow
   */
  constructor(origin: URL, { headers, keepAlive, connectTimeoutMs }: ConnectionsOptions) {
    const secure = origin.protocol === "https:";
    const port = origin.port === "" ? (secure ? 443 : 80) : Number(origin.port);
    this.#address = { host: origin.hostname.replace(/^\[|\]$/g, ""), port, secure };
    this.#keepAlive = keepAlive;
    this.#connectTimeoutMs = connectTimeoutMs;
    const { typed, others } = splitByType(headers);
    this.#typeLine = headOf(typed);
    this.#head = headOf(["host", origin.host, "connection", keepAlive ? "keep-alive" : "close", ...others]);
  }

  /**
   * Sends a POST request.
   * @param path as it goes over the wire
   * @param contentType of this body, where it is not the usual one
   */
  post(
    path: string,
    body: string | readonly Uint8Array[],
    handler: AnswerHandler,
    contentType?: string,
  ): RunningAnswer {
    const typeLine = contentType === undefined ? this.#typeLine : `content-type: ${contentType}\r\n`;
    const length = typeof body === "string" ? Buffer.byteLength(body) : totalLength(body);
    const head = `POST ${path} HTTP/1.1\r\n${this.#head}${typeLine}content-length: ${length}\r\n\r\n`;
    return new Running(this, typeof body === "string" ? head + body : [Buffer.from(head), ...body], handler);
  }

  /** Closes what is idle; requests that run are answered to the end. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#stopSweeping();
  }

  /** An idle connection, or a new one. */
  take(): Connection {
    const nowMs = performance.now();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isOpen && nowMs < connection.idleUntilMs) {
        connection.isReused = true;
        return connection;
      }
      connection.destroy();
    }
    return this.open();
  }

  open(): Connection {
    return new Connection(this.#address, this.#connectTimeoutMs, (closed) => this.#forget(closed));
  }

  /** Keeps a connection whose answer is whole for the next request, where it may be. */
  giveBack(connection: Connection): void {
    const mayKeep = this.#keepAlive && !this.#isClosed;
    const promisedMs = mayKeep ? connection.keepAliveMs(usualKeepAliveMs) : 0;
    const keptMs = Math.min(promisedMs, maxKeepAliveMs) - keepAliveMarginMs;
    if (keptMs <= 0) {
      connection.destroy();
      return;
    }
    connection.idleUntilMs = performance.now() + keptMs;
    this.#idle.push(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), usualKeepAliveMs).unref();
  }

  #forget(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const connection of this.#idle.filter(({ idleUntilMs }) => idleUntilMs <= nowMs)) {
      this.#forget(connection);
      connection.destroy();
    }
    if (this.#idle.length === 0) this.#stopSweeping();
  }

  #stopSweeping(): void {
    if (this.#sweeper) clearInterval(this.#sweeper);
    this.#sweeper = null;
  }
}

/** A kept connection that was closed shows it at once. Later, the engine may have worked on the request. */
const retryMs = 1_000;

/** One request on its connection; once more on a new one, when a kept one turns out to have been closed. */
class Running implements RunningAnswer, ConnectionListener {
  readonly #connections: EngineConnections;
  /** Kept only as long as it may have to be sent again: a prompt can be megabytes, and its answer take minutes. */
  #request: RequestBytes | null;
  readonly #handler: AnswerHandler;
  /** Null when the answer has ended: another request may have it by then. */
  #connection: Connection | null;
  readonly #sentMs = performance.now();

  constructor(connections: EngineConnections, request: RequestBytes, handler: AnswerHandler) {
    this.#connections = connections;
    this.#handler = handler;
    this.#connection = connections.take();
    this.#request = this.#connection.isReused ? request : null;
    this.#connection.run(request, this);
  }

  get hasSent(): boolean {
    return this.#connection?.isConnected ?? true;
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    this.#connection?.destroy();
  }

  onHead(status: number): void {
    this.#request = null;
    this.#handler.onHead(status);
  }

  onBody(bytes: Buffer): void {
    this.#handler.onData(bytes);
  }

  onEnd(): void {
    this.#handler.onEnd();
    const connection = this.#connection;
    this.#connection = null;
    if (!connection) return;
    connection.release();
    this.#connections.giveBack(connection);
  }

  onBroken(error: Error): void {
    const request = this.#request;
    if (request === null || !this.#connection || !this.#mayRepeat(this.#connection)) {
      this.#connection = null;
      this.#handler.onError(error);
      return;
    }
    this.#request = null;
    this.#connection = this.#connections.open();
    this.#connection.run(request, this);
  }

  #mayRepeat({ hasAnswered }: Connection): boolean {
    return !hasAnswered && performance.now() - this.#sentMs < retryMs;
  }
}

function totalLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function splitByType(list: readonly string[]): { typed: string[]; others: string[] } {
  const typed: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const pair = list.slice(index, index + 2);
    (pair[0]?.toLowerCase() === "content-type" ? typed : others).push(...pair);
  }
  return { typed, others };
}

function headOf(list: readonly string[]): string {
  let head = "";
  for (let index = 0; index < list.length; index += 2) {
    const [name = "", value = ""] = list.slice(index, index + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return head;
}
