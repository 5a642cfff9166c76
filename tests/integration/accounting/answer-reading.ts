/** What a client learns from an answer: how much it got, and what it is told that this amounts to. */

/** As usage rows count. */
export interface ClientUsage {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}

/** The members of all APIs' answers and events that are looked at. */
interface Wire {
  type?: string;
  choices?: { text?: string; delta?: { content?: string | null }; finish_reason?: string | null }[];
  delta?: { type?: string };
  usage?: WireUsage | null;
  response?: { usage?: WireUsage | null };
  error?: unknown;
}

interface WireUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number } | null;
  input_tokens?: number;
  output_tokens?: number;
  input_tokens_details?: { cached_tokens?: number };
  cache_read_input_tokens?: number;
}

export class AnswerReading {
  /** Events with a piece of text: each stands for at least one token. */
  pieces = 0;
  usage: ClientUsage | null = null;
  /** A choice has come to its end, the stream has not. */
  isNearEnd = false;
  /** The stream says that it is whole. */
  isFinished = false;
  hasError = false;
  #rest = "";

  /** More of an event stream. */
  push(text: string): void {
    const events = (this.#rest + text).split("\n\n");
    this.#rest = events.pop() ?? "";
    for (const event of events) {
      const [, data] = /^data: (.*)$/m.exec(event) ?? [];
      if (data === "[DONE]") this.isFinished = true;
      else if (data !== undefined) this.#readEvent(JSON.parse(data) as Wire);
    }
  }

  /** A whole answer. */
  readWhole(text: string): void {
    const { usage, error } = JSON.parse(text) as Wire;
    if (usage) this.usage = clientUsage(usage);
    this.hasError = error !== undefined;
  }

  #readEvent(event: Wire): void {
    if (event.error || event.type === "error") this.hasError = true;
    if (hasText(event)) this.pieces++;
    const usage = event.type === "message_start" ? null : (event.usage ?? event.response?.usage);
    if (usage) this.usage = clientUsage(usage);
    if (event.choices?.some((choice) => choice.finish_reason)) this.isNearEnd = true;
    if (event.type === "message_delta" || event.type === "response.output_text.done") this.isNearEnd = true;
    if (event.type === "message_stop" || /^response\.(completed|incomplete)$/.test(event.type ?? ""))
      this.isFinished = true;
  }
}

function hasText({ type, choices, delta }: Wire): boolean {
  if (type === "response.output_text.delta") return true;
  if (type === "content_block_delta") return delta?.type === "text_delta";
  return choices?.some((choice) => choice.text || choice.delta?.content) ?? false;
}

/** OpenAI's own, that of its responses, and Anthropic's, whose input is what was not cached. */
function clientUsage(wire: WireUsage): ClientUsage {
  if (wire.prompt_tokens !== undefined)
    return {
      promptTokens: wire.prompt_tokens,
      cachedTokens: wire.prompt_tokens_details?.cached_tokens ?? 0,
      completionTokens: wire.completion_tokens ?? 0,
    };
  const { input_tokens = 0, output_tokens = 0, input_tokens_details, cache_read_input_tokens = 0 } = wire;
  return {
    promptTokens: input_tokens + cache_read_input_tokens,
    cachedTokens: input_tokens_details?.cached_tokens ?? cache_read_input_tokens,
    completionTokens: output_tokens,
  };
}
