/** What the mock engine says: the bytes of one answer, as an OpenAI-compatible server or as llama-server writes them. */

/** Whose wire the mock engine speaks. */
export type Personality = "openai" | "llama";

/** The part of a chat request that changes the answer. */
export interface MockRequest {
  model: string;
  stream: boolean;
  tokens: number;
  includeUsage: boolean;
  timingsPerToken: boolean;
  returnProgress: boolean;
}

const promptTokens = 42;
const createdS = 1_760_000_000;

/** Every streamed token; the load generator counts its characters. */
export const token = "tok ";

const plainAnswer =
  "This answer comes from an engine that does not think, so that only the way to it is measured. It is about as long " +
  "as a short paragraph from a model: long enough that it has to be copied, short enough that copying it is no part " +
  "of the figures.";

/** A JSON answer of about 600 bytes (openai), or one of as many tokens as were asked for (llama). */
export function wholeAnswer(personality: Personality, request: MockRequest, id: number): string {
  const content = personality === "openai" ? plainAnswer : token.repeat(request.tokens);
  const completionTokens = personality === "openai" ? 58 : request.tokens;
  const usage = usageOf(completionTokens);
  if (personality === "openai") {
    return `{"id":"chatcmpl-mock-${id}","object":"chat.completion","created":${createdS},"model":"${request.model}","system_fingerprint":"mock","choices":[{"index":0,"message":{"role":"assistant","content":"${content}","refusal":null},"logprobs":null,"finish_reason":"stop"}],${usage}}`;
  }
  return `{"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"${content}"}}],"created":${createdS},"model":"${request.model}","system_fingerprint":"mock","object":"chat.completion",${usage},"id":"chatcmpl-mock-${id}",${timings(request.tokens)}}`;
}

/** The events of one stream: what comes before the tokens, each token, and what follows them. */
export interface StreamScript {
  /** Sent at once, before the first token. */
  opening: string[];
  tokenEvent(index: number): string;
  /** Sent at once, after the last token. */
  closing: string[];
}

/** The events of one streamed answer. */
export function streamScript(personality: Personality, request: MockRequest, id: number): StreamScript {
  return personality === "openai" ? openaiScript(request, id) : llamaScript(request, id);
}

function openaiScript(request: MockRequest, id: number): StreamScript {
  const head = `data: {"id":"chatcmpl-mock-${id}","object":"chat.completion.chunk","created":${createdS},"model":"${request.model}","system_fingerprint":"mock","choices":[`;
  const tokenEvent = `${head}{"index":0,"delta":{"content":"${token}"},"finish_reason":null}]}\n\n`;
  const closing = [`${head}{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`];
  if (request.includeUsage) closing.push(`${head}],${usageOf(request.tokens)}}\n\n`);
  return {
    opening: [`${head}{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}\n\n`],
    tokenEvent: () => tokenEvent,
    closing: [...closing, "data: [DONE]\n\n"],
  };
}

/** The order of keys, the extra fields and the chunks are those of llama-server 0.7.0. */
function llamaScript(request: MockRequest, id: number): StreamScript {
  const tail = `"created":${createdS},"id":"chatcmpl-mock-${id}","model":"${request.model}","system_fingerprint":"mock","object":"chat.completion.chunk"`;
  const event = (choices: string, rest = "") => `data: {"choices":[${choices}],${tail}${rest}}\n\n`;
  const role = '{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}';
  const content = `{"finish_reason":null,"index":0,"delta":{"content":"${token}"}}`;
  const finish = '{"finish_reason":"length","index":0,"delta":{}}';
  const progress = (processed: number) =>
    `,"prompt_progress":{"total":${promptTokens},"cache":0,"processed":${processed},"time_ms":0}`;
  const opening = request.returnProgress
    ? [
        event(role, `,${timings(0)}${progress(0)}`),
        event(role, `,${timings(0)}${progress(promptTokens)}`),
        event(role),
      ]
    : [event(role)];
  const last = `,${timings(request.tokens)}`;
  const closing = request.includeUsage
    ? [event(finish), event("", `,${usageOf(request.tokens)}${last}`)]
    : [event(finish, last)];
  return {
    opening,
    tokenEvent: (index) => event(content, request.timingsPerToken ? `,${timings(index + 1)}` : ""),
    closing: [...closing, "data: [DONE]\n\n"],
  };
}

function usageOf(completionTokens: number): string {
  return `"usage":{"completion_tokens":${completionTokens},"prompt_tokens":${promptTokens},"total_tokens":${promptTokens + completionTokens},"prompt_tokens_details":{"cached_tokens":0}}`;
}

function timings(predicted: number): string {
  return `"timings":{"cache_n":0,"prompt_n":${promptTokens},"prompt_ms":2.123,"prompt_per_token_ms":0.05054761904761905,"prompt_per_second":19783.32548280735,"predicted_n":${predicted},"predicted_ms":0.344,"predicted_per_token_ms":0.08600000000000001,"predicted_per_second":11627.906976744187}`;
}
