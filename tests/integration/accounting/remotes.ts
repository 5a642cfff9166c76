/** Remote engines that write as many words as they are allowed, one that tells its usage and one that does not. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour, MockExchange } from "../../harness/mock-behaviours.ts";

/** Of each prompt. */
const promptTokens = 9;
const mostWords = 40;
const gapMs = 1;

/** Streams a word a millisecond, or gives all of them after that time. */
export function writesWords(tellsUsage: boolean): Behaviour {
  return async ({ body, response, signal }) => {
    const isCompletion = body.prompt !== undefined;
    const prompts = Array.isArray(body.prompt) ? body.prompt.length : 1;
    const words = Math.min(mostWords, body.max_tokens ?? mostWords);
    const usage = tellsUsage ? usageOf(prompts, prompts * words) : null;
    const answer = isCompletion ? textAnswer : chatAnswer;
    if (!body.stream) {
      await sleep(gapMs * words, undefined, { signal });
      sendJson(response, { ...answer.whole(prompts, "word ".repeat(words)), ...(usage && { usage }) });
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let count = 0; count < words; count++) {
      for (let index = 0; index < prompts; index++) response.write(event(answer.piece(index, "word ")));
      await sleep(gapMs, undefined, { signal });
    }
    for (let index = 0; index < prompts; index++) response.write(event(answer.last(index)));
    if (usage && asksForUsage(body)) response.write(event({ ...answer.head, choices: [], usage }));
    response.end("data: [DONE]\n\n");
  };
}

const chatHead = { id: "chatcmpl-remote", object: "chat.completion.chunk", created: 1, model: "remote" };
const textHead = { id: "cmpl-remote", object: "text_completion", created: 1, model: "remote" };

const chatAnswer = {
  head: chatHead,
  piece: (index: number, content: string) => chatChunk({ index, delta: { content }, finish_reason: null }),
  last: (index: number) => chatChunk({ index, delta: {}, finish_reason: "length" }),
  whole: (_count: number, content: string) => ({
    ...{ ...chatHead, object: "chat.completion" },
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "length" }],
  }),
};

const textAnswer = {
  head: textHead,
  piece: (index: number, text: string) => textChunk([{ index, text, finish_reason: null }]),
  last: (index: number) => textChunk([{ index, text: "", finish_reason: "length" }]),
  whole: (count: number, text: string) =>
    textChunk(Array.from({ length: count }, (_, index) => ({ index, text, finish_reason: "length" }))),
};

function chatChunk(choice: object) {
  return { ...chatHead, choices: [choice] };
}

function textChunk(choices: object[]) {
  return { ...textHead, choices };
}

function asksForUsage({ stream_options: options }: MockExchange["body"]): boolean {
  return options?.include_usage === true;
}

function usageOf(prompts: number, completionTokens: number) {
  const read = prompts * promptTokens;
  return {
    ...{ prompt_tokens: read, completion_tokens: completionTokens, total_tokens: read + completionTokens },
    prompt_tokens_details: { cached_tokens: 4 },
  };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
