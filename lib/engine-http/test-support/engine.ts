/** An engine that sends what a test wants, byte by byte, and a client that writes down what it was told. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  type AnswerHandler,
  type ConnectionsOptions,
  EngineConnections,
  type RunningAnswer,
} from "../connections.ts";

/** A whole request, as the engine got it. */
export interface Asked {
  socket: Socket;
  /** Which of the engine's connections it came on: 0, 1, ... */
  connection: number;
  head: string;
  body: Buffer;
}

export interface TestEngine {
  url: URL;
  asked: Asked[];
  /** The engine's ends of all connections so far. */
  sockets: Socket[];
  connections: EngineConnections;
}

/** An engine on a port of its own until the test ends, and connections to it. */
export async function startEngine(
  answer: (asked: Asked) => void,
  options: Partial<ConnectionsOptions> = {},
): Promise<TestEngine> {
  const asked: Asked[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on("error", () => {}); // Tests break connections off.
    takeRequests(socket, (head, body) => {
      const one = { socket, connection, head, body };
      asked.push(one);
      answer(one);
    });
  });
  const url = await originOf(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { url, asked, sockets, connections: connectionsTo(url, options) };
}

/** Listens until the test ends. */
export async function originOf(server: Server, protocol = "http:"): Promise<URL> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return new URL(`${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`);
}

export function connectionsTo(url: URL, options: Partial<ConnectionsOptions> = {}): EngineConnections {
  const connections = new EngineConnections(url, {
    headers: [],
    keepAlive: true,
    connectTimeoutMs: 5_000,
    ...options,
  });
  onTestFinished(() => connections.close());
  return connections;
}

/** Calls `take` with each request that comes; a client of ours never sends one before the last was answered. */
function takeRequests(socket: Socket, take: (head: string, body: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let missingBytes: number | null = null;
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    if (missingBytes === null) {
      const text = Buffer.concat(chunks).toString("latin1");
      const end = text.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      const length = /\r\ncontent-length: (\d+)\r\n/.exec(text)?.[1];
      missingBytes = end + Number(length) - text.length;
    } else missingBytes -= chunk.length;
    if (missingBytes > 0) return;
    const request = Buffer.concat(chunks);
    const end = request.indexOf("\r\n\r\n") + 4;
    chunks = [];
    missingBytes = null;
    take(request.toString("latin1", 0, end), request.subarray(end));
  });
}

/** What an engine answers with a body of this length. */
export function answerOf(body: string, ...headers: string[]): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return ["HTTP/1.1 200 OK", ...headers, length, "", body].join("\r\n");
}

/** Writes down its calls; what comes in several pieces stands there as one. */
export class Recorder implements AnswerHandler {
  readonly calls: string[] = [];
  /** Resolves when the answer has ended, or failed. */
  readonly done: Promise<void>;
  error: (Error & { code?: string }) | null = null;
  running: RunningAnswer | null = null;
  readonly #hooks: Partial<AnswerHandler>;
  #hasData = false;
  #resolve: () => void = () => {};

  constructor(hooks: Partial<AnswerHandler> = {}) {
    this.#hooks = hooks;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onHead(status: number): void {
    this.calls.push(`head ${status}`);
    this.#hooks.onHead?.(status);
  }

  onData(bytes: Buffer): void {
    const text = bytes.toString("latin1");
    if (this.#hasData) this.calls[this.calls.length - 1] += text;
    else this.calls.push(`data ${text}`);
    this.#hasData = true;
    this.#hooks.onData?.(bytes);
  }

  onEnd(): void {
    this.calls.push("end");
    this.#resolve();
    this.#hooks.onEnd?.();
  }

  onError(error: Error): void {
    this.calls.push("error");
    this.error = error;
    this.#resolve();
  }
}

/** Sends a request, and writes down what comes. */
export function ask(
  connections: EngineConnections,
  body = "",
  hooks: Partial<AnswerHandler> = {},
): Recorder & { running: RunningAnswer } {
  const recorder = new Recorder(hooks);
  return Object.assign(recorder, { running: connections.post("/", body, recorder) });
}

/** Resolves when this end knows that the connection is closed. */
export async function closed(socket: Socket | undefined): Promise<void> {
  if (!socket) throw new Error("There is no such connection.");
  if (!socket.closed) await once(socket, "close");
}

/** So many turns to and fro with another engine: whatever was to come meanwhile has come. */
export async function roundTrips(turns = 10): Promise<void> {
  const other = await startEngine(({ socket }) => socket.write(answerOf("")));
  for (let turn = 0; turn < turns; turn++) await ask(other.connections).done;
}
