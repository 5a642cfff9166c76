/** Completions on their way to a client that streams: each event written anew, in OpenAI's shape. */
import type { StreamReader } from "../../gateway/endpoint.ts";
import { doneEvent, jsonEvent } from "../sse.ts";
import type { Usage } from "../usage.ts";
import { CompletionEvents, isPlain, type PieceHandler } from "./event-reader.ts";
import { answerHead, type CompletionChoice, type CompletionChunk } from "./events.ts";
import { LogprobsReader } from "./logprobs.ts";
import { type CompletionRequest, promptTextOf } from "./request.ts";

/** How every event begins, up to its text. What stands behind it is the same for most events of a choice. */
const opening = '{"choices":[{"text":"';
const openingBytes = Buffer.from(`data: ${opening}`);

export class CompletionStreamReader implements StreamReader, PieceHandler {
  readonly #call: CompletionRequest;
  readonly #modelId: string;
  readonly #events: CompletionEvents;
  readonly #logprobs: LogprobsReader;
  /** Choices that the client has heard of. */
  readonly #begun = new Set<number>();
  /** Of each choice, what stands behind the text of an event that is nothing but text. */
  readonly #tails = new Map<number, Buffer>();
  #outgoing: Buffer[] = [];

  /** @param modelId what the client is told that answered; a remote may have another name for it, or a path */
  constructor(call: CompletionRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
    this.#events = new CompletionEvents(call, this);
    this.#logprobs = new LogprobsReader(call);
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    this.#events.push(chunk);
    if (this.#outgoing.length > 0) send(this.#take());
  }

  closing(): Buffer {
    this.#events.end();
    if (this.#call.stream_options?.include_usage) this.#outgoing.push(this.#usageEvent());
    this.#outgoing.push(doneEvent);
    return this.#take();
  }

  usage(): Usage {
    return this.#events.usage();
  }

  onText(index: number, event: Buffer, start: number, end: number): void {
    const tail = this.#tails.get(index);
    if (!tail) throw new Error("The event that this one is like was not read.");
    const tailStart = openingBytes.length + end - start;
    const bytes = Buffer.allocUnsafe(tailStart + tail.length);
    openingBytes.copy(bytes);
    event.copy(bytes, openingBytes.length, start, end);
    tail.copy(bytes, tailStart);
    this.#outgoing.push(bytes);
  }

  onChoice(choice: CompletionChoice, chunk: CompletionChunk): void {
    const { index, text, finish_reason } = choice;
    const logprobs = this.#logprobs.read(choice);
    // A character that is not whole yet, or a text that may become a stop sequence: nothing to tell.
    if (!text && !logprobs && !finish_reason) return;
    if (!this.#begun.has(index)) {
      this.#begun.add(index);
      const echo = this.#call.echo ? promptTextOf(this.#call, index) : "";
      if (echo) this.#send(echo, this.#tail({ index, logprobs: null }, chunk));
    }
    const tail = this.#tail({ ...choice, logprobs }, chunk);
    if (isPlain(choice, chunk)) this.#tails.set(index, Buffer.from(tail));
    this.#send(text ?? "", tail);
  }

  /** Everything behind the text of a choice. */
  #tail({ text, ...choice }: CompletionChoice, chunk: CompletionChunk): string {
    const head = answerHead(chunk, this.#modelId);
    const wire = { choices: [{ text: "", ...choice, finish_reason: choice.finish_reason ?? null }], ...head };
    return `${JSON.stringify(wire).slice(opening.length)}\n\n`;
  }

  #send(text: string, tail: string): void {
    this.#outgoing.push(Buffer.from(`data: ${opening}${JSON.stringify(text).slice(1, -1)}${tail}`));
  }

  /** The chunk of its own in which OpenAI gives the usage. */
  #usageEvent(): Buffer {
    const { head, counts } = this.#events;
    const usage = counts.toWire(this.usage());
    return jsonEvent({ ...(head && answerHead(head, this.#modelId)), choices: [], usage });
  }

  #take(): Buffer {
    const [only, second] = this.#outgoing;
    const all = only && !second ? only : Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    return all;
  }
}
