/** Sends a body and reads what comes back, whole or streamed. */
import type { ChatTarget } from "../../../harness/chat.ts";
import type { Body, EndpointName } from "../case.ts";
import { type Answer, type AnswerReader, type Json, objectIn } from "./answer.ts";
import { chatAnswers } from "./chat.ts";
import { completionAnswers } from "./completions.ts";
import { embeddingsAnswers, rerankAnswers } from "./encoders.ts";
import { messagesAnswers } from "./messages.ts";
import { responsesAnswers } from "./responses.ts";

export const readers: Readonly<Record<EndpointName, AnswerReader>> = {
  "chat/completions": chatAnswers,
  completions: completionAnswers,
  embeddings: embeddingsAnswers,
  rerank: rerankAnswers,
  messages: messagesAnswers,
  responses: responsesAnswers,
};

/** Much longer than any of these answers takes. */
const limitMs = 20_000;

/** By what a whole stream ends. */
const lastEvents: Partial<Record<EndpointName, RegExp>> = {
  "chat/completions": /^data: \[DONE\]$/,
  completions: /^data: \[DONE\]$/,
  messages: /^event: message_stop\n/,
  responses: /^event: response\.(?:completed|incomplete)\n/,
};

/** The answer of a server to a body, of any status. */
export async function ask(target: ChatTarget, endpoint: EndpointName, body: Body | string): Promise<Answer> {
  const response = await fetch(`${target.url}/v1/${endpoint}`, {
    method: "POST",
    // llama-server closes connections that it promised to keep, under the next request.
    headers: {
      authorization: `Bearer ${target.key}`,
      "content-type": "application/json",
      connection: "close",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  });
  const { status, ok } = response;
  const raw = await response.text();
  if (!ok) return { status, refusal: raw, content: null, raw };
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return streamed(endpoint, raw);
  return { status, refusal: "", content: readers[endpoint].whole(objectIn(JSON.parse(raw))), raw };
}

/** What is told of a failure in the middle of a stream counts as a status. */
function streamed(endpoint: EndpointName, raw: string): Answer {
  const parts = raw.split("\n\n").filter((part) => part.trim() !== "");
  const events = parts.map(eventIn).filter((event) => event !== null);
  const failure = events.find((data) => data.type === "error" || objectIn(data.error).message !== undefined);
  if (failure) return { status: 500, refusal: JSON.stringify(failure), content: null, raw };
  const isEnded = lastEvents[endpoint]?.test(parts.at(-1) ?? "") ?? false;
  const content = readers[endpoint].stream?.(events) ?? {};
  return { status: isEnded ? 200 : 500, refusal: "", content, raw };
}

/** The data of an event; null for a comment and for `[DONE]`. */
function eventIn(part: string): Json | null {
  const data = /^data: (.*)$/m.exec(part)?.[1];
  return data === undefined || data === "[DONE]" ? null : objectIn(JSON.parse(data));
}
