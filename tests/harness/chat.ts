/** Chat requests as a bare HTTP client makes them: nothing is retried, repaired or hidden. */

export interface ChatTarget {
  url: string;
  key: string;
}

export interface ChatBody {
  model?: string;
  messages?: unknown;
  [parameter: string]: unknown;
}

export interface ChatChunk {
  id: string;
  model: string;
  choices: { index: number; delta: { content?: string | null }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
  error?: { message: string; type: string; code: string | null };
}

/** Answered by the tiny model with one sentence. */
export const hello = { messages: [{ role: "user", content: "say hello" }], temperature: 0 };
/** Counted on by the tiny model until something stops it. */
export const counting = { messages: [{ role: "user", content: "count" }], temperature: 0 };
export const sentence = "hello from the tiny test model";

/** POSTs to `/v1/chat/completions`. */
export function chat(target: ChatTarget, body: ChatBody, signal?: AbortSignal): Promise<Response> {
  return postJson(`${target.url}/v1/chat/completions`, target.key, JSON.stringify(body), signal);
}

/** POSTs a body as it is. */
export function postJson(url: string, key: string, body: string, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body, signal });
}

/** A stream that can be read event by event and left at any time. */
export interface ChatStream {
  response: Response;
  /** The next `data:` event as text, or null at the end. @throws where the connection breaks */
  next(): Promise<string | null>;
  /** Reads to the end. */
  rest(): Promise<string[]>;
  /** Closes the connection. */
  leave(): void;
}

/** Opens a stream; the answer may have any status. */
export async function openStream(target: ChatTarget, body: ChatBody): Promise<ChatStream> {
  const controller = new AbortController();
  const response = await chat(target, { ...body, stream: true }, controller.signal);
  const events = dataEvents(response);
  const next = async () => (await events.next()).value ?? null;
  return {
    response,
    next,
    leave: () => controller.abort(),
    async rest() {
      const all: string[] = [];
      for (let event = await next(); event !== null; event = await next()) all.push(event);
      return all;
    },
  };
}

/** The text of a stream's chunks put together. */
export function textOf(events: readonly string[]): string {
  return chunksOf(events)
    .flatMap((chunk) => chunk.choices ?? [])
    .map((choice) => choice.delta.content ?? "")
    .join("");
}

/** The chunks of a stream, without its `[DONE]`. */
export function chunksOf(events: readonly string[]): ChatChunk[] {
  return events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event) as ChatChunk);
}

/** The `data:` fields of an event stream; comments are left out. */
export async function* dataEvents(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  if (!response.body) return;
  for await (const bytes of response.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) if (event.startsWith("data: ")) yield event.slice("data: ".length);
  }
}
