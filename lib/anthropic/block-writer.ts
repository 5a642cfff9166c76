/** A chat answer as it comes, in Anthropic's blocks: one after the other, each ended before the next begins. */
import type { ChatPieces } from "../openai/chat/chunk-reader.ts";
import { type ChatChunkChoice, type ChatDelta, reasoningOf } from "../openai/chat/events.ts";
import { malformedAnswer } from "../openai/gathered-answer.ts";
import { type BlockDelta, type ContentBlock, type Ending, newId } from "./message.ts";
import { StopSequences } from "./stop-sequences.ts";

/** Takes the blocks; what is said is about the block that was begun last. */
export interface BlockSink {
  begin(block: ContentBlock): void;
  add(delta: BlockDelta): void;
  end(): void;
}

type ToolCallDelta = NonNullable<ChatDelta["tool_calls"]>[number];

export class BlockWriter implements ChatPieces {
  readonly #sink: BlockSink;
  readonly #sequences: readonly string[];
  readonly #stop: StopSequences;
  #open: ContentBlock | null = null;
  /** Which call of the answer the open block is, where it is one. */
  #callIndex = -1;
  #hasToolUse = false;
  #finishReason: string | null = null;
  /** A stop sequence that the engine says it ended at. */
  #reported: string | null = null;

  constructor(stopSequences: readonly string[], sink: BlockSink) {
    this.#sequences = stopSequences;
    this.#stop = new StopSequences(stopSequences);
    this.#sink = sink;
  }

  /** True when a stop sequence has come: nothing more is taken. */
  get hasStopped(): boolean {
    return this.#stop.matched !== null;
  }

  addText(text: string): void {
    if (this.hasStopped) return;
    this.#write(this.#stop.push(text));
  }

  /** @throws GatewayError where an engine goes on with a tool call that another has followed */
  addPart({ index, delta, finish_reason: finish, stop_reason: vllm, matched_stop: sglang }: ChatChunkChoice) {
    if (this.hasStopped || index !== 0) return;
    this.#addReasoning(reasoningOf(delta));
    this.addText(delta.content || delta.refusal || "");
    if (this.hasStopped) return;
    for (const call of delta.tool_calls ?? []) this.#addToolCall(call);
    if (finish) this.#finishReason = finish;
    this.#reported = this.#sequences.find((one) => one === vllm || one === sglang) ?? this.#reported;
  }

  /** Ends the last block. @returns why the answer ended */
  finish(): Ending {
    this.#flush();
    this.#end();
    const stopSequence = this.#stop.matched ?? (this.#finishReason === "stop" ? this.#reported : null);
    return { stop_reason: this.#reason(stopSequence), stop_sequence: stopSequence };
  }

  #reason(stopSequence: string | null): Ending["stop_reason"] {
    if (stopSequence !== null) return "stop_sequence";
    if (this.#finishReason === "length") return "max_tokens";
    if (this.#finishReason === "content_filter") return "refusal";
    return this.#hasToolUse ? "tool_use" : "end_turn";
  }

  #write(text: string): void {
    if (text === "") return;
    if (this.#open?.type !== "text") this.#begin({ type: "text", text: "" });
    this.#sink.add({ type: "text_delta", text });
  }

  /** What may have begun a stop sequence was text after all, as no more of it follows. */
  #flush(): void {
    this.#write(this.#stop.rest());
  }

  #addReasoning(thinking: string): void {
    if (thinking === "") return;
    this.#flush();
    // A signature is Anthropic's own proof that it wrote the thought; SDKs want the member all the same.
    if (this.#open?.type !== "thinking") this.#begin({ type: "thinking", thinking: "", signature: "" });
    this.#sink.add({ type: "thinking_delta", thinking });
  }

  #addToolCall({ index, id, function: part }: ToolCallDelta): void {
    this.#flush();
    const isOpen = this.#open?.type === "tool_use" && this.#callIndex === index;
    // Some remotes number every call 0.
    if (!isOpen || (id && this.#open?.type === "tool_use" && id !== this.#open.id)) {
      if (!part?.name) throw malformedAnswer("A part of a tool call that is not the newest");
      this.#begin({ type: "tool_use", id: id || newId("toolu"), name: part.name, input: {} });
      this.#callIndex = index;
      this.#hasToolUse = true;
    }
    if (part?.arguments) this.#sink.add({ type: "input_json_delta", partial_json: part.arguments });
  }

  #begin(block: ContentBlock): void {
    this.#end();
    this.#open = block;
    this.#sink.begin(block);
  }

  #end(): void {
    if (this.#open) this.#sink.end();
    this.#open = null;
  }
}
