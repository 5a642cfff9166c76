/** The output of a response, put together from the pieces of a chat answer; tells of each step as a stream does. */
import type { ChatPieces } from "../chat/chunk-reader.ts";
import { type ChatChunkChoice, type ChatDelta, reasoningOf } from "../chat/events.ts";
import { malformedAnswer } from "../gathered-answer.ts";
import { usageFromTimings } from "../usage.ts";
import { CallItem } from "./call-item.ts";
import type { Emit, MessageItem, OutputItem, ReasoningItem } from "./output-items.ts";
import { type PartType, TextItem } from "./text-item.ts";

type CallDelta = NonNullable<ChatDelta["tool_calls"]>[number];
export type IncompleteReason = "max_output_tokens" | "content_filter";

/** More than any context holds: the whole output stands in memory, as the last events repeat it. */
const maxCharacters = 64 * 1024 * 1024;
/** What an item amounts to besides its text, and a token's probabilities with some alternatives: roughly. */
const charactersPerItem = 500;
const charactersPerToken = 1_000;

export class ResponseOutput implements ChatPieces {
  readonly items: OutputItem[] = [];
  /** Why the answer was cut, or null. */
  incomplete: IncompleteReason | null = null;
  readonly #idStem: string;
  readonly #emit: Emit;
  #text: TextItem | null = null;
  /** By the engine's own numbers. */
  readonly #calls = new Map<number, CallItem>();
  #characters = 0;
  /** Of tokens whose text has not come yet. */
  #logprobs: unknown[] = [];
  #reasoningTimings: unknown;

  /** @param idStem what the ids of all items have in common */
  constructor(idStem: string, emit: Emit) {
    this.#idStem = idStem;
    this.#emit = emit;
  }

  /** Tokens until the end of the first reasoning, by llama-server's count; 0 where nobody counted. */
  get reasoningTokens(): number {
    return usageFromTimings(this.#reasoningTimings)?.completionTokens ?? 0;
  }

  addText(text: string): void {
    if (text !== "") this.#write("message", "output_text", text);
  }

  /** @throws GatewayError where the engine adds to a call that was whole */
  addPart({ index, delta, logprobs, finish_reason: finish }: ChatChunkChoice, timings?: unknown): void {
    if (index !== 0) return;
    const reasoning = reasoningOf(delta);
    if (reasoning) {
      this.#write("reasoning", "reasoning_text", reasoning);
      if (this.items.length === 1) this.#reasoningTimings = timings;
    }
    if (logprobs?.content) {
      this.#grow(logprobs.content.length * charactersPerToken);
      this.#logprobs.push(...logprobs.content);
    }
    if (delta.content) this.#write("message", "output_text", delta.content);
    if (delta.refusal) this.#write("message", "refusal", delta.refusal);
    for (const call of delta.tool_calls ?? []) this.#addCall(call);
    if (finish) this.#finish(finish);
  }

  /** Nothing follows. */
  end(): void {
    this.#close();
    if (this.items.length > 0) return;
    this.#write("message", "output_text", ""); // A model may end at once.
    this.#close();
  }

  #finish(reason: string): void {
    if (reason === "length") this.incomplete = "max_output_tokens";
    if (reason === "content_filter") this.incomplete = "content_filter";
    this.#close();
  }

  #write(itemType: "message" | "reasoning", partType: PartType, text: string): void {
    this.#grow(text.length);
    if (this.#text?.item.type !== itemType) {
      this.#closeCalls();
      this.#closeText("completed");
      const item = itemType === "message" ? this.#newMessage() : this.#newReasoning();
      this.#text = new TextItem(item, this.#addItem(item), this.#emit);
    }
    if (partType !== "output_text") this.#text.add(partType, text);
    else this.#text.add(partType, text, this.#logprobs.splice(0));
  }

  #addCall(delta: CallDelta): void {
    const known = this.#calls.get(delta.index);
    const call = known && !isAnother(known, delta) ? known : this.#openCall(delta);
    if (!call.isOpen) throw malformedAnswer("It added to a call that was whole.");
    const { name, arguments: written } = delta.function ?? {};
    if (name && call.item.name === "") call.item.name = name;
    this.#grow(written?.length ?? 0);
    call.add(written ?? "");
  }

  /** Calls come one after the other; where their pieces alternate, those before stay open until they are whole. */
  #openCall({ index, id, function: called }: CallDelta): CallItem {
    this.#closeText("completed");
    for (const call of this.#calls.values()) if (call.isOpen && call.isWhole) call.close(false);
    const own = `${this.#idStem}${this.items.length}`;
    const item = {
      id: `fc_${own}`,
      type: "function_call" as const,
      status: "in_progress" as const,
      arguments: "",
      call_id: id || `call_${own}`,
      name: called?.name ?? "",
    };
    const call = new CallItem(item, this.#addItem(item), this.#emit);
    this.#calls.set(index, call);
    return call;
  }

  #close(): void {
    this.#closeText(this.incomplete ? "incomplete" : "completed");
    this.#closeCalls();
  }

  #closeText(status: "completed" | "incomplete"): void {
    this.#text?.close(status);
    this.#text = null;
  }

  #closeCalls(): void {
    for (const call of this.#calls.values()) call.close(this.incomplete !== null);
  }

  /** @returns its index */
  #addItem(item: OutputItem): number {
    this.#grow(charactersPerItem);
    return this.items.push(item) - 1;
  }

  #grow(characters: number): void {
    this.#characters += characters;
    if (this.#characters > maxCharacters) throw malformedAnswer("It is too long.");
  }

  #newMessage(): MessageItem {
    const id = `msg_${this.#idStem}${this.items.length}`;
    return { id, type: "message", status: "in_progress", content: [], role: "assistant" };
  }

  #newReasoning(): ReasoningItem {
    const id = `rs_${this.#idStem}${this.items.length}`;
    return { id, type: "reasoning", status: "in_progress", summary: [], content: [] };
  }
}

/** Some servers number all of their calls 0: then a new id begins a new one. */
function isAnother(call: CallItem, { id }: CallDelta): boolean {
  return Boolean(id) && id !== call.item.call_id && call.isWhole;
}
