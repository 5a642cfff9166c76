/** Chat streams as engines send them, for the readers' tests. */
import type { MessagesCall } from "../to-chat.ts";

export function callWith(stopSequences: string[] = []): MessagesCall {
  const chat = { messages: [{ role: "user" as const, content: "hello" }] };
  return { chat, stopSequences, imagePaths: [], asksToThink: false };
}

/** An event of llama-server's, which counts at every token. */
export function delta(added: object, tokens: number, finish: string | null = null): string {
  const choices = [{ finish_reason: finish, index: 0, delta: added }];
  const timings = { cache_n: 4, prompt_n: 9, predicted_n: tokens };
  return event({ choices, created: 7, id: "chatcmpl-1", model: "m", timings });
}

export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

const usage = { completion_tokens: 5, prompt_tokens: 13, prompt_tokens_details: { cached_tokens: 4 } };
export const role = event({
  choices: [{ index: 0, delta: { role: "assistant", content: null } }],
  model: "m",
});
export const progress = event({
  choices: [{ index: 0, delta: { role: "assistant", content: null } }],
  prompt_progress: { total: 13, cache: 4, processed: 13 },
});
export const end = (finish: string) =>
  `${event({ choices: [{ index: 0, delta: {}, finish_reason: finish }], model: "m" })}${event({ choices: [], usage })}data: [DONE]\n\n`;

/** A call of a tool, in the pieces that it comes in. */
export function toolCall(index: number, id: string, name: string, ...texts: string[]): string {
  const [first = "", ...rest] = texts;
  const begin = { index, id, type: "function", function: { name, arguments: first } };
  const pieces = [begin, ...rest.map((text) => ({ index, function: { arguments: text } }))];
  return pieces.map((piece) => delta({ tool_calls: [piece] }, 5)).join("");
}
