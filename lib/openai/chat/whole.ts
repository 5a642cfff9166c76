/** A streamed chat answer gathered into one, for clients that did not ask for a stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { engineUsageToWire, type MediaCount, type Usage, withMedia } from "../usage.ts";
import { ChatChunkReader, type ChatPieces } from "./chunk-reader.ts";
import { type ChatChunkChoice, type ChatDelta, reasoningOf } from "./events.ts";
import type { ChatRequest } from "./request.ts";

interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** One choice as far as it has come. */
interface Choice {
  content: string | null;
  reasoning: string | null;
  refusal: string | null;
  toolCalls: ToolCall[];
  logprobs: unknown[] | null;
  finishReason: string | null;
}

export class ChatWholeReader implements WholeReader {
  readonly #call: ChatRequest;
  readonly #choices = new Choices();
  readonly #chunks: ChatChunkReader;

  constructor(call: ChatRequest) {
    this.#call = call;
    this.#chunks = new ChatChunkReader(call, this.#choices);
  }

  get hasBegun(): boolean {
    return this.#chunks.pieceCount > 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  usage(): Usage {
    return this.#chunks.usage();
  }

  usageWhenLeft(): Usage {
    return this.usage();
  }

  answer(media?: MediaCount | null): string {
    this.#chunks.end();
    const { head, wireUsage } = this.#chunks;
    const reported = (this.#call.n ?? 1) === 1 ? wireUsage : undefined;
    return JSON.stringify({
      id: head?.id,
      object: "chat.completion",
      created: head?.created,
      model: head?.model,
      system_fingerprint: head?.system_fingerprint ?? undefined,
      choices: this.#choices.all.map(wireChoice),
      usage: engineUsageToWire(reported, withMedia(this.usage(), media)),
    });
  }
}

/** The choices of one answer, put together from their pieces. */
class Choices implements ChatPieces {
  readonly all: Choice[] = [];

  addText(text: string): void {
    const choice = this.#at(0);
    choice.content = (choice.content ?? "") + text;
  }

  addPart(part: ChatChunkChoice): void {
    const choice = this.#at(part.index);
    const { delta } = part;
    if (delta.content) choice.content = (choice.content ?? "") + delta.content;
    const reasoning = reasoningOf(delta);
    if (reasoning) choice.reasoning = (choice.reasoning ?? "") + reasoning;
    if (delta.refusal) choice.refusal = (choice.refusal ?? "") + delta.refusal;
    if (delta.tool_calls) addToolCalls(choice.toolCalls, delta.tool_calls);
    if (part.logprobs?.content) {
      choice.logprobs ??= [];
      choice.logprobs.push(...part.logprobs.content);
    }
    if (part.finish_reason) choice.finishReason = part.finish_reason;
  }

  #at(index: number): Choice {
    while (this.all.length < index) this.all.push(emptyChoice());
    this.all[index] ??= emptyChoice();
    return this.all[index];
  }
}

function emptyChoice(): Choice {
  return { content: null, reasoning: null, refusal: null, toolCalls: [], logprobs: null, finishReason: null };
}

function addToolCalls(calls: ToolCall[], deltas: NonNullable<ChatDelta["tool_calls"]>): void {
  for (const delta of deltas) {
    while (calls.length <= delta.index)
      calls.push({ id: "", type: "function", function: { name: "", arguments: "" } });
    const call = calls[delta.index];
    if (!call) continue;
    if (delta.id) call.id = delta.id;
    call.function.name += delta.function?.name ?? "";
    call.function.arguments += delta.function?.arguments ?? "";
  }
}

function wireChoice(choice: Choice, index: number) {
  const hasToolCalls = choice.toolCalls.length > 0;
  return {
    index,
    message: {
      role: "assistant",
      content: choice.content ?? (hasToolCalls ? null : ""),
      refusal: choice.refusal,
      reasoning_content: choice.reasoning ?? undefined,
      tool_calls: hasToolCalls ? choice.toolCalls : undefined,
    },
    logprobs: choice.logprobs ? { content: choice.logprobs, refusal: null } : null,
    finish_reason: choice.finishReason ?? "stop",
  };
}
