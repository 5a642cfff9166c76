/** How a remote such as OpenAI's answers `/v1/completions`: its usage counts all choices together. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour, MockExchange } from "./mock-behaviours.ts";

const promptTokens = 4;

/**
 * Each prompt has 4 tokens, and each choice these words, one after another.
 * @param gapMs between the words of a stream
 */
export function completes(words: readonly string[], gapMs = 0): Behaviour {
  return async ({ body, response, signal }) => {
    const prompts = Array.isArray(body.prompt) ? body.prompt.length : 1;
    const choices = prompts * (body.n ?? 1);
    const usage = usageOf(prompts, choices * words.length);
    if (!body.stream) {
      sendWhole(response, choices, words, usage);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const word of words)
      for (let index = 0; index < choices; index++) {
        response.write(event([{ text: word, index, logprobs: null, finish_reason: null }]));
        if (gapMs > 0) await sleep(gapMs, undefined, { signal });
      }
    for (let index = 0; index < choices; index++)
      response.write(event([{ text: "", index, logprobs: null, finish_reason: "length" }]));
    response.end(`${usageEvent(body, usage)}data: [DONE]\n\n`);
  };
}

function sendWhole(response: ServerResponse, count: number, words: readonly string[], usage: object): void {
  const choices = Array.from({ length: count }, (_, index) => ({
    text: words.join(""),
    index,
    logprobs: null,
    finish_reason: "length",
  }));
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...head, choices, usage }));
}

const head = { id: "cmpl-mock", object: "text_completion", created: 1_760_000_000, model: "/srv/mock" };

function event(choices: unknown, extra: object = {}): string {
  return `data: ${JSON.stringify({ ...head, choices, ...extra })}\n\n`;
}

function usageEvent({ stream_options: options }: MockExchange["body"], usage: object): string {
  return options?.include_usage ? event([], { usage }) : "";
}

function usageOf(prompts: number, completionTokens: number) {
  const read = prompts * promptTokens;
  return {
    prompt_tokens: read,
    completion_tokens: completionTokens,
    total_tokens: read + completionTokens,
  };
}
