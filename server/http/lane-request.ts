/**
 * Node's request as the Web `Request` that route handlers take, made for what the request path reads of it: a real one
 * costs several microseconds, for parts that nobody looks at. Whatever else is asked for, a real one answers, built then.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { rememberResponse } from "../../lib/gateway/node-response.ts";

/** Before every target: handlers go by path and query, and the `Host` header is the client's to invent. */
const origin = "http://localhost";

/** The Web's `text()` leaves it out, and JSON may not begin with it. */
const byteOrderMark = 0xfeff;

/**
 * The request that a handler gets, and the response by which it may be answered at once.
 * Its `text()` rejects when the sender's connection breaks off.
 */
export function laneRequest(incoming: IncomingMessage, response: ServerResponse): Request {
  const request = new LaneRequest(incoming, response) as unknown as Request; // `delegate` adds what is not declared.
  rememberResponse(request, response);
  return request;
}

class LaneRequest {
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly headers: Headers;
  #signal: AbortSignal | null = null;
  #web: Request | null = null;
  #isRead = false;

  constructor(incoming: IncomingMessage, response: ServerResponse) {
    this.#incoming = incoming;
    this.#response = response;
    this.headers = new LaneHeaders(incoming.headers) as unknown as Headers;
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  get url(): string {
    return origin + this.#incoming.url;
  }

  /** Aborted when the client leaves before its answer is sent. */
  get signal(): AbortSignal {
    this.#signal ??= departureSignal(this.#response);
    return this.#signal;
  }

  get bodyUsed(): boolean {
    return this.#web?.bodyUsed ?? this.#isRead;
  }

  text(): Promise<string> {
    if (this.#web || this.#isRead) return this.web().text();
    if (!this.#hasBody) return Promise.resolve("");
    this.#isRead = true;
    return readText(this.#incoming);
  }

  get #hasBody(): boolean {
    return this.method !== "GET" && this.method !== "HEAD";
  }

  web(): Request {
    if (this.#web) return this.#web;
    const body = this.#isRead ? "" : webBody(this.#incoming);
    this.#web = new Request(this.url, {
      method: this.method,
      headers: webHeaders(this.#incoming.headers),
      signal: this.signal,
      ...(this.#hasBody && { body, duplex: "half" }),
    });
    if (this.#isRead) void this.#web.text(); // It cannot be read again here either.
    return this.#web;
  }
}

/** Headers by Node's rules: of two `Authorization` headers the first counts, and values of most others are joined. */
class LaneHeaders {
  readonly #headers: IncomingHttpHeaders;
  #web: Headers | null = null;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = this.#headers[name] ?? this.#headers[name.toLowerCase()];
    if (typeof value === "string") return value;
    return Array.isArray(value) ? value.join(", ") : null; // Else it is nothing, or inherited, as `constructor`.
  }

  web(): Headers {
    this.#web ??= webHeaders(this.#headers);
    return this.#web;
  }
}

delegate(LaneRequest, Request);
delegate(LaneHeaders, Headers);

/** Makes instances pass for `web`'s: what `type` does not define, the real one behind the instance does. */
function delegate(type: { prototype: { web(): object } }, web: { prototype: object }): void {
  for (const name of Reflect.ownKeys(web.prototype)) {
    const own = Object.getOwnPropertyDescriptor(web.prototype, name);
    if (!own || Object.hasOwn(type.prototype, name) || name === "headers") continue;
    Object.defineProperty(type.prototype, name, {
      configurable: true,
      get(this: { web(): object }) {
        const real = this.web();
        const value: unknown = Reflect.get(real, name);
        return typeof value === "function" ? value.bind(real) : value;
      },
    });
  }
  Object.setPrototypeOf(type.prototype, web.prototype);
}

function webHeaders(headers: IncomingHttpHeaders): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) web.append(name, one);
  return web;
}

function departureSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed) onClose();
  else response.once("close", onClose);
  return controller.signal;
}

/** Nearly every body comes in one piece: reading it by events costs a fifth of what a stream's iterator does. */
function readText(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    if (incoming.destroyed) reject(clientLeft());
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => {
      const [only] = chunks;
      const bytes = only && chunks.length === 1 ? only : Buffer.concat(chunks);
      const text = bytes.toString("utf8");
      resolve(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
    });
    incoming.once("error", reject);
  });
}

/**
 * The body as a Web stream. Unlike `Readable.toWeb` alone it leaves the request whole when its reader wants no more:
 * the answer is still to be sent, and what becomes of the rest is decided then.
 */
function webBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const reader = Readable.toWeb(incoming).getReader();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        if (incoming.destroyed) controller.error(clientLeft());
      },
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

function clientLeft(): Error {
  return new Error("The client closed the connection.");
}
