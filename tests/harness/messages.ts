/** Requests to `/v1/messages` as a bare HTTP client makes them: to tiny-text, and short, unless they say otherwise. */
import { type ChatTarget, postJson } from "./chat.ts";

export interface Message {
  content: { type: string; [member: string]: unknown }[];
  stop_reason: string;
  stop_sequence: string | null;
  usage: {
    input_tokens: number;
    cache_creation_input_tokens: number;
    cache_read_input_tokens: number;
    output_tokens: number;
  };
}

export interface MessageEvent {
  type: string;
  [member: string]: unknown;
}

/** As `hello` and `counting` of chat.ts. */
export const sayHello = { messages: [{ role: "user", content: "say hello" }] };
export const countOn = { messages: [{ role: "user", content: "count" }] };

export const weatherTool = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

export const textBlock = (text: string) => ({ type: "text", text });

/** Every token of a message's prompt. */
export const promptTokens = ({ usage }: Message) => usage.input_tokens + usage.cache_read_input_tokens;

/** The answer may have any status. */
export function postMessage(target: ChatTarget, body: object, signal?: AbortSignal): Promise<Response> {
  const whole = { model: "tiny-text", max_tokens: 200, temperature: 0, ...body };
  return postJson(`${target.url}/v1/messages`, target.key, JSON.stringify(whole), signal);
}

/** @throws Error where the answer is none */
export async function wholeMessage(target: ChatTarget, body: object): Promise<Message> {
  return answered(await postMessage(target, body)).json();
}

/** @throws Error where an event does not have the name of its type */
export async function streamedEvents(target: ChatTarget, body: object): Promise<MessageEvent[]> {
  const text = await answered(await postMessage(target, { ...body, stream: true })).text();
  return text
    .split("\n\n")
    .filter((part) => part !== "")
    .map((part) => {
      const [name, data = ""] = part.split("\ndata: ");
      const event: MessageEvent = JSON.parse(data);
      if (name !== `event: ${event.type}`) throw new Error(`An event of another name: ${part}`);
      return event;
    });
}

/** What `/v1/messages/count_tokens` says. */
export async function countedTokens(target: ChatTarget, body: object): Promise<number> {
  const whole = JSON.stringify({ model: "tiny-text", ...body });
  const response = await postJson(`${target.url}/v1/messages/count_tokens`, target.key, whole);
  return ((await answered(response).json()) as { input_tokens: number }).input_tokens;
}

function answered(response: Response): Response {
  if (!response.ok) throw new Error(`The status is ${response.status}`);
  return response;
}
