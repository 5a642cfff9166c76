/** Chat streams for unit tests, and the events that readers make of them. */
import type { Responses } from "openai/resources/responses/responses";
import { type ResponsesCall, responsesCall } from "./call.ts";
import { ResponsesStreamReader } from "./stream.ts";
import { ResponsesWholeReader } from "./whole.ts";

export type WireEvent = Responses.ResponseStreamEvent;
export type WireResponse = Responses.Response;

export const timings = (written: number) => ({ cache_n: 3, prompt_n: 29, predicted_n: written });
export const usage = {
  completion_tokens: 9,
  prompt_tokens: 32,
  total_tokens: 41,
  prompt_tokens_details: { cached_tokens: 3 },
};

/** An event as llama-server writes it. */
export function event(fields: object): string {
  return `data: ${JSON.stringify({ ...fields, created: 7, id: "chatcmpl-1", model: "m" })}\n\n`;
}

export function delta(value: object, finish: string | null = null, more: object = {}): string {
  return event({ choices: [{ finish_reason: finish, index: 0, delta: value }], ...more });
}

export const role = delta({ role: "assistant", content: null });
export const counts = event({ choices: [], usage });
export const done = "data: [DONE]\n\n";
export const end = (finish = "stop") => delta({}, finish) + counts + done;

export const callOf = (fields: object = {}): ResponsesCall =>
  responsesCall.parse({ input: "hello", model: "m", ...fields });

/** What a client that streams gets of an engine's stream, cut into pieces of so many bytes. */
export function streamed(
  text: string,
  fields: object = {},
  sizeBytes = Number.POSITIVE_INFINITY,
): WireEvent[] {
  const reader = new ResponsesStreamReader(callOf(fields), "m");
  const sent: Buffer[] = [];
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += sizeBytes)
    reader.push(bytes.subarray(at, at + sizeBytes), (piece) => sent.push(piece));
  sent.push(reader.closing());
  return eventsIn(Buffer.concat(sent).toString());
}

/** @throws Error where an event's name is not its type, or its number not its place */
export function eventsIn(text: string): WireEvent[] {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((written, index) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(written) ?? [];
      const parsed = JSON.parse(data ?? "") as WireEvent;
      if (parsed.type !== name || parsed.sequence_number !== index) throw new Error(written);
      return parsed;
    });
}

/** What a client that does not stream gets. */
export function whole(text: string, fields: object = {}): WireResponse {
  const reader = new ResponsesWholeReader(callOf(fields), "m");
  reader.push(Buffer.from(text));
  return JSON.parse(reader.answer()) as WireResponse;
}

/** The response that a stream ends with. */
export function finalOf(events: readonly WireEvent[]): WireResponse {
  const last = events.at(-1);
  if (last?.type === "response.completed" || last?.type === "response.incomplete") return last.response;
  throw new Error(`The stream ends with ${last?.type}`);
}

/** Without what is made anew for every response. */
export function withoutIds(response: WireResponse): object {
  const text = JSON.stringify({ ...response, created_at: 0, completed_at: 0 });
  return JSON.parse(text.replaceAll(response.id.slice("resp_".length), "ID"));
}
