/** An OpenAI-compatible engine that behaves as well, or as badly, as a test wants. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { type Behaviour, instant } from "./mock-behaviours.ts";

export interface RecordedRequest {
  headers: IncomingHttpHeaders;
  target: string;
  body: string;
}

export interface MockEngine extends AsyncDisposable {
  /** With `/v1`, as `remote.base_url` takes it. */
  baseUrl: string;
  /** How the next chat requests are answered; may be changed at any time. */
  behaviour: Behaviour;
  /** Every chat request so far, and with `asLlamaServer` every proof of work. */
  readonly requests: readonly RecordedRequest[];
  /** Chat requests whose connection is open and whose answer has not ended. */
  readonly open: number;
  /** Chat requests whose client left before the answer had ended. */
  readonly aborted: number;
  readonly finished: number;
  /** Bytes handed to the operating system, or about to be, on all connections. */
  readonly writtenBytes: number;
  /** Breaks every connection. */
  hangUp(): void;
}

export interface MockEngineOptions {
  behaviour?: Behaviour;
  /** Asked for as a bearer token where given. */
  apiKey?: string;
  model?: string;
  port?: number;
  /**
   * Takes any key, as each start of a llama-server has its own, and answers `/completion` as it answers chats. A start
   * asks for the model's name first: then the engine is well again, as a new process would be.
   */
  asLlamaServer?: boolean;
  /** Answers what is sent to `/v1/audio/…`; 404 without it. */
  audio?: (form: FormData, response: ServerResponse, target: string) => void;
}

/** Starts an engine on a port of its own. Dispose of it to close it and every connection. */
export async function mockEngine(options: MockEngineOptions = {}): Promise<MockEngine> {
  const state = new MockState(options);
  const server = createServer((request, response) => state.handle(request, response));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  server.on("connection", (socket) => state.sockets.add(socket));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    hangUp: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

class MockState {
  behaviour: Behaviour;
  readonly requests: RecordedRequest[] = [];
  open = 0;
  aborted = 0;
  finished = 0;
  readonly sockets = new Set<Socket>();

  constructor(readonly options: MockEngineOptions) {
    this.behaviour = options.behaviour ?? instant();
  }

  get writtenBytes(): number {
    return [...this.sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    if (!this.#isAllowed(request)) sendJson(response, 401, { error: { message: "wrong key", code: 401 } });
    else if (path === "/v1/models") this.#listModels(response);
    else if (path === "/health") sendJson(response, 200, { status: "ok" });
    else if (path === "/v1/chat/completions" || path === "/v1/completions")
      void this.#chat(request, response);
    else if (path === "/completion" && this.options.asLlamaServer) void this.#chat(request, response);
    else if (path.startsWith("/v1/audio/") && this.options.audio) void this.#audio(request, response);
    else sendJson(response, 404, { error: { message: `no ${path}`, code: 404 } });
  }

  async #chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    this.requests.push({ headers: request.headers, target: request.url ?? "", body });
    this.open++;
    const left = new AbortController();
    response.once("close", () => {
      this.open--;
      if (response.writableEnded) this.finished++;
      else this.aborted++;
      left.abort();
    });
    await this.behaviour({ body: JSON.parse(body), response, signal: left.signal }).catch((error) => {
      if (!left.signal.aborted) throw error;
    });
  }

  async #audio(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = await new Response(new Uint8Array(await buffer(request)), { headers }).formData();
    this.options.audio?.(form, response, request.url ?? "");
  }

  #listModels(response: ServerResponse): void {
    const { asLlamaServer, behaviour, model } = this.options;
    if (asLlamaServer) this.behaviour = behaviour ?? instant();
    sendJson(response, 200, modelList(model ?? "mock"));
  }

  #isAllowed({ url, headers }: IncomingMessage): boolean {
    const { apiKey, asLlamaServer } = this.options;
    if (asLlamaServer) return url === "/health" || headers.authorization !== undefined;
    return apiKey === undefined || headers.authorization === `Bearer ${apiKey}`;
  }
}

function modelList(id: string) {
  return { object: "list", data: [{ id, object: "model", created: 1_760_000_000, owned_by: "mock" }] };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
