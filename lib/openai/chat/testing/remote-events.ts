/** Events as remotes send them, for tests of the stream reader. */
import type { ChatRequest } from "../request.ts";
import type { ChatStreamReader } from "../stream.ts";

export const plain: ChatRequest = { messages: [{ role: "user", content: "hello" }], stream: true };
export const withUsage: ChatRequest = { ...plain, stream_options: { include_usage: true } };

export type Fields = Record<string, unknown>;
export const chunk = (fields: Fields) => ({
  id: "1",
  object: "chat.completion.chunk",
  model: "m",
  ...fields,
});
export const event = (fields: Fields) => `data: ${JSON.stringify(chunk(fields))}\n\n`;
export const deltaEvent = (delta: Fields, extra: Fields = {}) =>
  event({ choices: [{ index: 0, delta, finish_reason: null }], ...extra });
export const content = (text: string, extra: Fields = {}) => deltaEvent({ content: text }, extra);
export const role = deltaEvent({ role: "assistant", content: "" });
export const end = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
export const done = "data: [DONE]\n\n";

/** Feeds the pieces; gives what was sent after each of them. */
export function feed(reader: ChatStreamReader, ...pieces: string[]): string[] {
  return pieces.map((piece) => {
    let sent = "";
    reader.push(Buffer.from(piece), (bytes) => {
      sent += bytes.toString();
    });
    return sent;
  });
}

export function chunksOf(stream: string): Fields[] {
  return stream
    .split("\n\n")
    .filter((text) => text.startsWith("data: {"))
    .map((text) => JSON.parse(text.slice("data: ".length)));
}
