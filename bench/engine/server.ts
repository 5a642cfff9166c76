/** The mock engine: answers chat at once, or a token at a time at a pace that can be set, and counts its streams. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type MockRequest, type Personality, streamScript, wholeAnswer } from "./answers.ts";

/** What `GET /mock/stats` says. */
export interface MockStats {
  whole: number;
  streamsBegun: number;
  streamsFinished: number;
  streamsAborted: number;
  streamsOpen: number;
}

export interface MockOptions {
  personality: Personality;
  /** The model that `/v1/models` names. */
  model: string;
  /** Where given, only `/health` and `/mock/...` answer without it, as with llama-server. */
  apiKey?: string;
}

/** A server that is not listening yet. `GET /mock/set?gapMs=10` sets the time between two tokens of a stream. */
export function createMockEngine(options: MockOptions): Server {
  const stats: MockStats = {
    whole: 0,
    streamsBegun: 0,
    streamsFinished: 0,
    streamsAborted: 0,
    streamsOpen: 0,
  };
  let gapMs = 0;
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    if (url === "/v1/chat/completions" || url === "/chat/completions") {
      if (!hasKey(request, options.apiKey)) return refuse(response);
      return readChat(request, (chat) => answer(chat, response));
    }
    if (url.startsWith("/mock/set")) {
      gapMs = Number(new URL(url, "http://localhost").searchParams.get("gapMs") ?? gapMs);
      return sendJson(response, JSON.stringify({ gapMs }));
    }
    if (url === "/mock/stats") return sendJson(response, JSON.stringify(stats));
    if (url === "/health") return sendJson(response, '{"status":"ok"}');
    if (!hasKey(request, options.apiKey)) return refuse(response);
    if (url === "/v1/models") return sendJson(response, modelList(options));
    if (url === "/completion") return sendJson(response, '{"content":"a","tokens_predicted":1}');
    if (url === "/props") return sendJson(response, props(options));
    response.writeHead(404).end();
  });
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  return server;

  function answer(chat: MockRequest, response: ServerResponse): void {
    const id = stats.whole + stats.streamsBegun;
    if (chat.stream) {
      stats.streamsBegun++;
      stats.streamsOpen++;
      stream(chat, id, response);
      return;
    }
    stats.whole++;
    sendJson(response, wholeAnswer(options.personality, chat, id));
  }

  /** Every token is written on its own, as an engine does. Each stream keeps its own clock: delays do not add up. */
  function stream(chat: MockRequest, id: number, response: ServerResponse): void {
    const script = streamScript(options.personality, chat, id);
    const beganMs = performance.now();
    const paceMs = gapMs;
    let index = 0;
    let timer: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const next = () => {
      response.write(script.tokenEvent(index));
      index++;
      if (index === chat.tokens) {
        for (const event of script.closing) response.write(event);
        response.end();
      } else if (paceMs === 0) immediate = setImmediate(next);
      else timer = setTimeout(next, beganMs + index * paceMs - performance.now());
    };
    response.on("close", () => {
      clearTimeout(timer);
      clearImmediate(immediate);
      stats.streamsOpen--;
      if (response.writableFinished) stats.streamsFinished++;
      else stats.streamsAborted++;
    });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const event of script.opening) response.write(event);
    next();
  }
}

function readChat(request: IncomingMessage, take: (chat: MockRequest) => void): void {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(pieces).toString("utf8"));
    take({
      model: String(body.model),
      stream: body.stream === true,
      tokens: Math.max(1, Number(body.max_tokens ?? body.max_completion_tokens ?? 100)),
      includeUsage: body.stream_options?.include_usage === true,
      timingsPerToken: body.timings_per_token === true,
      returnProgress: body.return_progress === true,
    });
  });
}

function hasKey(request: IncomingMessage, apiKey: string | undefined): boolean {
  return apiKey === undefined || request.headers.authorization === `Bearer ${apiKey}`;
}

function refuse(response: ServerResponse): void {
  response.statusCode = 401;
  sendJson(response, '{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}');
}

function sendJson(response: ServerResponse, body: string): void {
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", Buffer.byteLength(body));
  response.end(body);
}

function modelList({ model }: MockOptions): string {
  return JSON.stringify({
    object: "list",
    data: [{ id: model, object: "model", created: 1_760_000_000, owned_by: "mock", meta: { n_ctx: 8192 } }],
  });
}

function props({ model }: MockOptions): string {
  return JSON.stringify({
    model_alias: model,
    modalities: { vision: false, audio: false },
    media_marker: "<__media__>",
    chat_template_caps: {},
    is_sleeping: false,
  });
}
