/** Ways in which a mock engine can answer a chat request. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface MockExchange {
  body: {
    model?: string;
    messages?: { role: string; content?: unknown }[];
    stream?: boolean;
    max_tokens?: number;
    prompt?: unknown;
    n?: number;
    stream_options?: { include_usage?: boolean };
  };
  response: ServerResponse;
  /** Aborts when the gateway closes the connection. */
  signal: AbortSignal;
}

/** Answers one chat request, or does not. */
export type Behaviour = (exchange: MockExchange) => Promise<void>;

const usage = (completionTokens: number) => ({
  prompt_tokens: 7,
  completion_tokens: completionTokens,
  total_tokens: 7 + completionTokens,
});

/** Answers at once with these words, one chunk each. */
export function instant(words: readonly string[] = ["hello", " from", " the", " mock"]): Behaviour {
  return gap(0, words);
}

/** Streams a word every `gapMs`, or gives the whole answer after all of that time. */
export function gap(gapMs: number, words: readonly string[]): Behaviour {
  return async ({ body, response, signal }) => {
    if (!body.stream) {
      await sleep(gapMs * words.length, undefined, { signal });
      sendWhole(response, body.model, words.join(""));
      return;
    }
    beginStream(response);
    for (const word of words) {
      if (gapMs > 0) await sleep(gapMs, undefined, { signal });
      await sendContent(response, word);
    }
    endStream(response, words.length, body.stream_options?.include_usage === true);
  };
}

/** Nothing for `delayMs`, then the answer at once. */
export function slow(delayMs: number): Behaviour {
  return async (exchange) => {
    await sleep(delayMs, undefined, { signal: exchange.signal });
    await instant()(exchange);
  };
}

/** Streams the same word until the client leaves. */
export function endless(gapMs: number, word = "on and on "): Behaviour {
  return async ({ response, signal }) => {
    beginStream(response);
    while (!signal.aborted) {
      await sendContent(response, word);
      await sleep(gapMs, undefined, { signal });
    }
  };
}

/** Breaks the connection after some chunks. */
export function diesMidStream(chunks: number): Behaviour {
  return async ({ response }) => {
    beginStream(response);
    for (let i = 0; i < chunks; i++) await sendContent(response, `word${i} `);
    await new Promise((resolve) => response.write("\n", resolve));
    response.destroy();
  };
}

/** Ends the answer properly, yet without a finish reason and `[DONE]`, as a llama-server that was killed. */
export function endsTooSoon(chunks: number): Behaviour {
  return async ({ response }) => {
    beginStream(response);
    for (let i = 0; i < chunks; i++) await sendContent(response, `word${i} `);
    response.end();
  };
}

/** Falls silent after some chunks, the connection open. */
export function stalls(chunks: number): Behaviour {
  return async ({ response, signal }) => {
    beginStream(response);
    for (let i = 0; i < chunks; i++) await sendContent(response, `word${i} `);
    await once(signal, "abort");
  };
}

/** Takes the request and never says a word. */
export function neverAnswers(): Behaviour {
  return async ({ signal }) => {
    await once(signal, "abort");
  };
}

/**
 * Works for `lastsMs` on the prompt of the first request and reports it every `batchMs`, as llama-server does when it is
 * asked to. All that come meanwhile wait until then.
 */
export function longPrompt(lastsMs: number, batchMs: number): Behaviour {
  let working: Promise<void> | null = null;
  return async (exchange) => {
    const { response, signal } = exchange;
    if (working) await Promise.race([working, once(signal, "abort")]);
    if (signal.aborted) return;
    if (!working) {
      beginStream(response);
      working = reportProgress(response, lastsMs / batchMs, batchMs);
      await working;
    }
    await instant()(exchange);
  };
}

async function reportProgress(response: ServerResponse, batches: number, batchMs: number): Promise<void> {
  for (let processed = 1; processed <= batches; processed++) {
    await sleep(batchMs);
    const progress = { total: batches, cache: 0, processed, time_ms: processed * batchMs };
    response.write(event({ ...chunk({}), prompt_progress: progress }));
  }
}

/** 200 with something that is not JSON, in the stream or as the whole answer. */
export function wrongJson(): Behaviour {
  return async ({ body, response }) => {
    if (body.stream) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("data: {not json}\n\ndata: [DONE]\n\n");
    } else response.writeHead(200, { "content-type": "application/json" }).end("<html>It works!</html>");
  };
}

/** Refuses with this status and body, which may be any text. */
export function refuses(status: number, body: unknown): Behaviour {
  return async ({ response }) => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json" }).end(sent);
  };
}

/** One chunk whose content has `characters` characters. */
export function hugeEvent(characters: number): Behaviour {
  return instant(["x".repeat(characters)]);
}

/** Sends its stream byte by byte in groups of `size`, so that characters and events are cut anywhere. */
export function inPieces(words: readonly string[], size: number): Behaviour {
  return async ({ body, response }) => {
    beginStream(response);
    const events = words.map((word) => event(chunk({ content: word }))).join("");
    const bytes = Buffer.from(events + endEvents(words.length, body.stream_options?.include_usage === true));
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      // Let the socket take it, so that each piece travels alone.
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}

function beginStream(response: ServerResponse): void {
  // It may have begun with a report of progress.
  if (response.headersSent) return;
  response.socket?.setNoDelay(true);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(event(chunk({ role: "assistant", content: null })));
}

/** Waits for a reader that is slower than the engine, as a real one's socket makes it wait. */
async function sendContent(response: ServerResponse, content: string): Promise<void> {
  if (response.write(event(chunk({ content }))) || response.closed) return;
  const waited = new AbortController();
  const options = { signal: waited.signal };
  await Promise.race([once(response, "drain", options), once(response, "close", options)]);
  waited.abort();
}

function endStream(response: ServerResponse, tokens: number, withUsage: boolean): void {
  response.end(endEvents(tokens, withUsage));
}

function endEvents(tokens: number, withUsage: boolean): string {
  const finish = event({ ...chunk({}), choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  const counts = withUsage ? event({ ...chunk({}), choices: [], usage: usage(tokens) }) : "";
  return `${finish}${counts}data: [DONE]\n\n`;
}

function chunk(delta: { role?: string; content?: string | null }) {
  return {
    id: "chatcmpl-mock",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "mock",
    choices: [{ index: 0, delta, finish_reason: null as string | null }],
  };
}

function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function sendWhole(response: ServerResponse, model: string | undefined, content: string): void {
  const body = {
    id: "chatcmpl-mock",
    object: "chat.completion",
    created: 1_760_000_000,
    model: model ?? "mock",
    choices: [{ index: 0, message: { role: "assistant", content }, logprobs: null, finish_reason: "stop" }],
    usage: usage(content.split(" ").length),
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
