/** The HTTP server with live events, and clients of them. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket } from "undici";
import { createHttpServer } from "../server.ts";

export interface EventsServer {
  port: number;
  /** What the server does when it shuts down. */
  closeSockets(): Promise<void>;
  close(): Promise<void>;
}

export async function openEventsServer(): Promise<EventsServer> {
  const next = Promise.reject(new Error("There is no portal here."));
  next.catch(() => {});
  const { server, closeSockets } = createHttpServer({ lane: true, next });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    closeSockets,
    close: async () => {
      await closeSockets();
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface ClientOptions {
  headers?: Record<string, string>;
  protocols?: string[];
}

/** A client that gathers what comes. It is another implementation of WebSocket than the server's. */
export class EventsClient {
  readonly messages: { topic?: string; data?: unknown; error?: { code: string; topic: string } }[] = [];
  readonly #socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(port: number, { headers = {}, protocols = [] }: ClientOptions) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/admin/api/events`, { headers, protocols });
    this.#socket.addEventListener("message", ({ data }) => this.messages.push(JSON.parse(data)));
    this.closed = new Promise((resolve) =>
      this.#socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
    );
  }

  /** @throws Error where the server refuses */
  async open(): Promise<this> {
    const refused = this.closed.then(() => {
      throw new Error("The server refused the socket.");
    });
    await Promise.race([new Promise((resolve) => this.#socket.addEventListener("open", resolve)), refused]);
    refused.catch(() => {});
    return this;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(message: object | string | Uint8Array<ArrayBuffer>): void {
    const isText = typeof message === "string" || message instanceof Uint8Array;
    this.#socket.send(isText ? message : JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }

  /** The data of a topic's messages, oldest first. */
  dataOf<Data>(topic: string): Data[] {
    return this.messages.filter((message) => message.topic === topic).map(({ data }) => data as Data);
  }
}
