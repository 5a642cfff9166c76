/** A streamed chat answer gathered into one, for clients that did not ask for a stream. */
import { GatewayError } from "../../errors.ts";
import type { WholeReader } from "../../gateway/endpoint.ts";
import { engineStreamError, engineStreamFailure } from "../engine-errors.ts";
import { done, EventSplitter, eventData, isNamedError } from "../sse.ts";
import {
  addChoice,
  engineUsageToWire,
  noUsage,
  type Usage,
  usageFromTimings,
  usageFromWire,
} from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import { type ChatChunk, type ChatChunkChoice, type ChatDelta, parseChatChunk } from "./events.ts";
import type { ChatRequest } from "./request.ts";
import { tokenText, tokenTimings } from "./token-event.ts";

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
  #done = false;
  readonly #call: ChatRequest;
  readonly #splitter = new EventSplitter();
  readonly #choices: Choice[] = [];
  #head: ChatChunk | null = null;
  #usage: Usage | null = null;
  #wireUsage: unknown;
  #usageChunks = 0;
  /** The newest of each choice: they count when the answer ends early. */
  readonly #timings: unknown[] = [];
  /** The last event that was only text: its `timings` are newer than those above, and are read when they count. */
  #tokenEvent: Buffer | null = null;
  /** How many pieces of the answer came. */
  #pieces = 0;

  constructor(call: ChatRequest) {
    this.#call = call;
  }

  get hasBegun(): boolean {
    return this.#pieces > 0;
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk, (event) => this.#read(event));
  }

  usage(): Usage {
    if (this.#usage && this.#usageChunks >= (this.#call.n ?? 1)) return this.#usage;
    if (this.#tokenEvent) this.#timings[0] = tokenTimings(this.#tokenEvent) ?? this.#timings[0];
    const choices = this.#timings.map(usageFromTimings).filter((usage) => usage !== null);
    const fromTimings = choices.reduce<Usage | null>(addChoice, null);
    const counted = fromTimings ?? this.#usage;
    if (counted) return counted;
    // With the first event the engine has the prompt.
    return this.#head ? estimateChatUsage(this.#call, this.#pieces) : noUsage;
  }

  usageWhenLeft(): Usage {
    return this.usage();
  }

  answer(): string {
    const last = this.#splitter.lastEvent();
    if (last) this.#read(last);
    if (!this.#done)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
    const reported = (this.#call.n ?? 1) === 1 ? this.#wireUsage : undefined;
    return JSON.stringify({
      id: this.#head?.id,
      object: "chat.completion",
      created: this.#head?.created,
      model: this.#head?.model,
      system_fingerprint: this.#head?.system_fingerprint ?? undefined,
      choices: this.#choices.map(wireChoice),
      usage: engineUsageToWire(reported, this.usage()),
    });
  }

  #read(event: Buffer): void {
    const text = this.#head ? tokenText(event) : null;
    if (text !== null) {
      if (text !== "") this.#pieces++;
      const choice = this.#choiceAt(0);
      choice.content = (choice.content ?? "") + text;
      this.#tokenEvent = event;
      return;
    }
    this.#parse(event);
  }

  #parse(event: Buffer): void {
    const data = eventData(event);
    if (isNamedError(event)) throw engineStreamFailure(data ?? "");
    if (data === null) return;
    if (data === done) {
      this.#done = true;
      return;
    }
    const chunk = parseChatChunk(data);
    if (!chunk) {
      throw (
        engineStreamError(data) ??
        new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.", {
          cause: data,
        })
      );
    }
    if (chunk.prompt_progress) return;
    this.#head ??= chunk;
    if (chunk.timings) {
      this.#timings[chunk.choices[0]?.index ?? 0] = chunk.timings;
      this.#tokenEvent = null;
    }
    const usage = chunk.usage ? usageFromWire(chunk.usage) : null;
    if (usage) {
      const isClosing = chunk.choices.length === 0;
      this.#usage = isClosing && this.#usageChunks > 0 ? addChoice(this.#usage, usage) : usage;
      this.#wireUsage = chunk.usage;
      if (isClosing) this.#usageChunks++;
    }
    for (const choice of chunk.choices) this.#add(choice);
  }

  #choiceAt(index: number): Choice {
    while (this.#choices.length < index) this.#choices.push(emptyChoice());
    this.#choices[index] ??= emptyChoice();
    return this.#choices[index];
  }

  #add(part: ChatChunkChoice): void {
    const choice = this.#choiceAt(part.index);
    if (isGenerated(part)) this.#pieces++;
    const { delta } = part;
    if (delta.content) choice.content = (choice.content ?? "") + delta.content;
    if (delta.reasoning_content) choice.reasoning = (choice.reasoning ?? "") + delta.reasoning_content;
    if (delta.refusal) choice.refusal = (choice.refusal ?? "") + delta.refusal;
    if (delta.tool_calls) addToolCalls(choice.toolCalls, delta.tool_calls);
    if (part.logprobs?.content) {
      choice.logprobs ??= [];
      choice.logprobs.push(...part.logprobs.content);
    }
    if (part.finish_reason) choice.finishReason = part.finish_reason;
  }
}

/** True for a piece of the answer, rather than a role or an end. */
function isGenerated({ delta, logprobs }: ChatChunkChoice): boolean {
  const { content, reasoning_content: reasoning, refusal, tool_calls: toolCalls } = delta;
  return Boolean(content || reasoning || refusal || toolCalls?.length || logprobs?.content?.length);
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
