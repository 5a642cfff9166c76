/** The chunks of a chat stream that the gateway tells in other words, read one by one, and what they cost. */
import { GatewayError } from "../../errors.ts";
import { engineStreamError, engineStreamFailure } from "../engine-errors.ts";
import { done, EventSplitter, eventData, isNamedError } from "../sse.ts";
import { addChoice, noUsage, type Usage, usageFromTimings, usageFromWire } from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import { type ChatChunk, type ChatChunkChoice, parseChatChunk, reasoningOf } from "./events.ts";
import type { ChatRequest } from "./request.ts";
import { tokenText, tokenTimings } from "./token-event.ts";

/** Takes the pieces of an answer as they come. */
export interface ChatPieces {
  /** Text of the first choice that came alone; it may be empty. */
  addText(text: string): void;
  /**
   * Whatever a choice gets with one chunk.
   * @param timings llama-server's count so far, unchecked; undefined where the engine gives none
   */
  addPart(part: ChatChunkChoice, timings: unknown): void;
}

export class ChatChunkReader {
  #done = false;
  readonly #call: ChatRequest;
  readonly #pieces: ChatPieces;
  readonly #splitter = new EventSplitter();
  #head: ChatChunk | null = null;
  #usage: Usage | null = null;
  #wireUsage: unknown;
  #usageChunks = 0;
  /** The newest of each choice: they count when the answer ends early. */
  readonly #timings: unknown[] = [];
  /** The last event that was only text: its `timings` are newer than those above, and are read when they count. */
  #tokenEvent: Buffer | null = null;
  #pieceCount = 0;

  constructor(call: ChatRequest, pieces: ChatPieces) {
    this.#call = call;
    this.#pieces = pieces;
  }

  /** The first chunk: what it says of the whole answer. */
  get head(): ChatChunk | null {
    return this.#head;
  }

  /** The engine's own `usage` object of its last chunk, unchecked. */
  get wireUsage(): unknown {
    return this.#wireUsage;
  }

  /** How many pieces of the answer came. */
  get pieceCount(): number {
    return this.#pieceCount;
  }

  /** @throws GatewayError when the engine reports an error of its own, or sends what is no chunk */
  push(chunk: Buffer): void {
    this.#splitter.push(chunk, (event) => this.#read(event));
  }

  /** Takes the end. @throws GatewayError when the engine ended before its answer was whole */
  end(): void {
    const last = this.#splitter.lastEvent();
    if (last) this.#read(last);
    if (!this.#done)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
  }

  /** What has been used so far, by the engine's own count where it gives one. */
  usage(): Usage {
    if (this.#usage && this.#usageChunks >= (this.#call.n ?? 1)) return this.#usage;
    if (this.#tokenEvent) this.#timings[0] = tokenTimings(this.#tokenEvent) ?? this.#timings[0];
    const choices = this.#timings.map(usageFromTimings).filter((usage) => usage !== null);
    const fromTimings = choices.reduce<Usage | null>(addChoice, null);
    const counted = fromTimings ?? this.#usage;
    if (counted) return counted;
    // With the first event the engine has the prompt.
    return this.#head ? estimateChatUsage(this.#call, this.#pieceCount) : noUsage;
  }

  #read(event: Buffer): void {
    const text = this.#head ? tokenText(event) : null;
    if (text === null) {
      this.#parse(event);
      return;
    }
    if (text !== "") this.#pieceCount++;
    this.#tokenEvent = event;
    this.#pieces.addText(text);
  }

  #parse(event: Buffer): void {
    const data = eventData(event)?.trim() ?? "";
    if (isNamedError(event)) throw engineStreamFailure(data);
    if (data === "") return; // A comment.
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
    if (chunk.error) throw engineStreamFailure(data);
    if (chunk.prompt_progress) return;
    this.#head ??= chunk;
    this.#count(chunk);
    for (const part of chunk.choices) {
      if (isGenerated(part)) this.#pieceCount++;
      this.#pieces.addPart(part, chunk.timings);
    }
  }

  #count(chunk: ChatChunk): void {
    if (chunk.timings) {
      this.#timings[chunk.choices[0]?.index ?? 0] = chunk.timings;
      this.#tokenEvent = null;
    }
    const usage = chunk.usage ? usageFromWire(chunk.usage) : null;
    if (!usage) return;
    // llama-server counts each choice on its own, when all is written; others count all together, and some in every chunk.
    const isClosing = chunk.choices.length === 0;
    this.#usage = isClosing && this.#usageChunks > 0 ? addChoice(this.#usage, usage) : usage;
    this.#wireUsage = chunk.usage;
    if (isClosing) this.#usageChunks++;
  }
}

/** True for a piece of the answer, rather than a role or an end. */
function isGenerated({ delta, logprobs }: ChatChunkChoice): boolean {
  const { content, refusal, tool_calls: toolCalls } = delta;
  return Boolean(content || reasoningOf(delta) || refusal || toolCalls?.length || logprobs?.content?.length);
}
