/** One request of the load generator and its answer, read as cheaply as it can be: the generator must not be the limit. */
import type { Client, Dispatcher } from "undici";
import { token } from "../engine/answers.ts";
import type { Address } from "./jobs.ts";

/** The flat header list and the body of a chat request; made once and sent many times. */
export interface PreparedRequest {
  headers: string[];
  body: string;
}

/** What OpenAI's SDK for JavaScript sends beside key and content type: reading and passing on headers is work, too. */
const sdkHeaders = {
  accept: "application/json",
  "user-agent": "OpenAI/JS 6.30.1",
  "x-stainless-retry-count": "0",
  "x-stainless-timeout": "600",
  "x-stainless-lang": "js",
  "x-stainless-package-version": "6.30.1",
  "x-stainless-os": "Linux",
  "x-stainless-arch": "x64",
  "x-stainless-runtime": "node",
  "x-stainless-runtime-version": "v20.20.2",
  "accept-language": "*",
  "sec-fetch-mode": "cors",
  "accept-encoding": "gzip, deflate",
};

/** A chat request of about 400 bytes. */
export function prepareRequest(address: Address, tokens: number, stream: boolean): PreparedRequest {
  const headers = ["content-type", "application/json", ...Object.entries(sdkHeaders).flat()];
  if (address.key !== null) headers.push("authorization", `Bearer ${address.key}`);
  const body = JSON.stringify({
    model: address.model,
    messages: [
      { role: "system", content: "You are a helpful assistant. Answer in one short paragraph." },
      {
        role: "user",
        content:
          "What does a reverse proxy do, and why would somebody put one before a server that runs a model?",
      },
    ],
    max_tokens: tokens,
    temperature: 0.7,
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : undefined),
  });
  return { headers, body };
}

/**
 * Sends a request and feeds its answer, as text of one byte a character, to `onData`.
 * @param onStart gets a function that cuts the answer off
 * @throws Error on another status than 200, or when the connection breaks
 */
export function exchange(
  client: Client,
  request: PreparedRequest,
  onData: (text: string) => void,
  onStart?: (cut: () => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let refusal = "";
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        onStart?.(() => controller.abort(new Error("cut off")));
      },
      onResponseStart(_controller, statusCode) {
        status = statusCode;
      },
      onResponseData(_controller, chunk) {
        const text = chunk.toString("latin1");
        if (status === 200) onData(text);
        else refusal += text;
      },
      onResponseEnd() {
        if (status === 200) resolve();
        else reject(new Error(`status ${status}: ${refusal.slice(0, 160)}`));
      },
      onResponseError(_controller, error) {
        reject(error);
      },
    };
    client.dispatch(
      { method: "POST", path: "/v1/chat/completions", headers: request.headers, body: request.body },
      handler,
    );
  });
}

const contentKey = '"content":"';

/** Follows one stream: when its tokens came, and whether it was whole. */
export class StreamReader {
  readonly #startedMs = performance.now();
  #rest = "";
  #characters = 0;
  #done = false;
  #usage = false;
  #lastTokenMs = 0;
  firstTokenMs: number | null = null;
  longestGapMs = 0;

  push(text: string): void {
    const joined = this.#rest + text;
    const end = joined.lastIndexOf("\n\n");
    this.#rest = end === -1 ? joined : joined.slice(end + 2);
    if (end !== -1) this.#readEvents(joined.slice(0, end));
  }

  get tokens(): number {
    return this.#characters / token.length;
  }

  /** What is wrong with a stream that has ended; null where it is whole. */
  faultOf(expectedTokens: number): string | null {
    if (!this.#done) return "a stream without [DONE]";
    if (!this.#usage) return "a stream without usage";
    if (this.tokens !== expectedTokens) return `a stream of ${this.tokens} tokens, not ${expectedTokens}`;
    return null;
  }

  #readEvents(events: string): void {
    const characters = contentLength(events);
    if (characters > 0) {
      const nowMs = performance.now();
      if (this.firstTokenMs === null) this.firstTokenMs = nowMs - this.#startedMs;
      else this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.#lastTokenMs);
      this.#lastTokenMs = nowMs;
      this.#characters += characters;
    }
    this.#done ||= events.includes("[DONE]");
    this.#usage ||= events.includes('"completion_tokens"');
  }
}

/** Characters in all `content` strings of these events. */
function contentLength(events: string): number {
  let length = 0;
  for (let at = events.indexOf(contentKey); at !== -1; at = events.indexOf(contentKey, at)) {
    at += contentKey.length;
    length += events.indexOf('"', at) - at;
  }
  return length;
}
