/** `/v1/messages/count_tokens`: how many tokens the prompt of a message would have. */
import { z } from "zod";
import type { Grant, UpstreamRequest, WholeReader } from "../gateway/endpoint.ts";
import { estimateChatUsage } from "../openai/chat/estimate.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../openai/gathered-answer.ts";
import { noUsage, type Usage } from "../openai/usage.ts";
import type { Engine } from "../slots/types.ts";
import type { MessagesCall } from "./to-chat.ts";
import { messagesUpstream } from "./upstream.ts";

/**
 * llama-server counts the prompt that it would make of the very chat that a message is sent as, images included
 * (versions 0.5 to 0.7). A remote is not asked, as OpenAI's API has no such request.
 */
export function countTokensUpstream(
  call: MessagesCall,
  grant: Grant,
  engine: Engine,
): UpstreamRequest | null {
  if (engine.kind === "remote") return null;
  const { body } = messagesUpstream(call, grant, engine);
  return { path: "/chat/completions/input_tokens", body, isStreamed: false };
}

const counted = z.object({ input_tokens: z.number().int().nonnegative() });

/** Counting is free: a row of usage tells that it was asked for, with no tokens. */
export class CountTokensReader implements WholeReader {
  /** Of an answer that a model wrote. */
  readonly hasBegun = false;
  readonly #call: MessagesCall;
  readonly #isRemote: boolean;
  readonly #answer = new GatheredAnswer();

  constructor(call: MessagesCall, engine: Engine) {
    this.#call = call;
    this.#isRemote = engine.kind === "remote";
  }

  push(chunk: Buffer): void {
    this.#answer.push(chunk);
  }

  answer(): string {
    return JSON.stringify({ input_tokens: this.#isRemote ? this.#estimate() : this.#count() });
  }

  usage(): Usage {
    return noUsage;
  }

  usageWhenLeft(): Usage {
    return noUsage;
  }

  #count(): number {
    const text = this.#answer.text();
    const parsed = counted.safeParse(answeredObject(text));
    if (!parsed.success) throw malformedAnswer(text.slice(0, 500));
    return parsed.data.input_tokens;
  }

  /** By the length of the text, as a remote's tokens are unknown here. Anthropic's answer has no member to mark it by. */
  #estimate(): number {
    const { chat } = this.#call;
    return estimateChatUsage(chat, 0).promptTokens;
  }
}
