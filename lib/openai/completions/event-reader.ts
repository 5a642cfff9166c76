/** The events of a completions stream, read one by one: what most of them are, a piece of text, without parsing it. */
import { GatewayError } from "../../errors.ts";
import { EventShape } from "../chat/event-shape.ts";
import { isOneLine, isOneObject, isTimingsLast, timingsKey, timingsStart } from "../chat/event-text.ts";
import { engineStreamFailure } from "../engine-errors.ts";
import { done, EventSplitter, eventData, isNamedError } from "../sse.ts";
import type { Usage } from "../usage.ts";
import { CompletionCounts } from "./counts.ts";
import { type CompletionChoice, type CompletionChunk, completionChunk } from "./events.ts";
import { type CompletionRequest, choiceCount } from "./request.ts";

/** Takes the pieces of the choices as they come. */
export interface PieceHandler {
  /** What one chunk says of a choice. */
  onChoice(choice: CompletionChoice, chunk: CompletionChunk): void;
  /**
   * More text of a choice, in an event that is the same around it as the last one of that choice for which `isPlain`.
   * @param start where the text stands in the event, as JSON writes it, without quotes
   */
  onText(index: number, event: Buffer, start: number, end: number): void;
}

const textKey = /"text": ?"(?!")/;
const indexKey = '"index":';
const maxIndexLength = 6;

export class CompletionEvents {
  readonly counts: CompletionCounts;
  /** What the engine said first; null until then. */
  head: CompletionChunk | null = null;
  #done = false;
  readonly #handler: PieceHandler;
  readonly #hasOneChoice: boolean;
  readonly #splitter = new EventSplitter();
  /** One for each choice, as its index stands in every event. */
  readonly #shapes = new Map<number, EventShape>();
  readonly #onEvent = (event: Buffer) => this.#read(event, event.toString("latin1"));

  constructor(call: CompletionRequest, handler: PieceHandler) {
    this.counts = new CompletionCounts(call);
    this.#handler = handler;
    this.#hasOneChoice = choiceCount(call) === 1;
  }

  /** @throws GatewayError when the engine reports an error of its own, or sends what is no stream of completions */
  push(chunk: Buffer): void {
    const text = this.#splitter.isAtBoundary ? chunk.toString("latin1") : "";
    if (isOneLine(text)) this.#read(chunk, text);
    else this.#splitter.push(chunk, this.#onEvent);
  }

  /** Takes the last event where its empty line is missing. @throws GatewayError when the answer is not whole */
  end(): void {
    const last = this.#splitter.lastEvent();
    if (last) this.#onEvent(last);
    if (!this.#done)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
  }

  usage(): Usage {
    return this.counts.usage(this.head !== null);
  }

  #read(event: Buffer, text: string): void {
    const index = this.#hasOneChoice ? 0 : choiceIndex(text);
    const shape = this.#shapes.get(index);
    const known = shape ? shape.end(text, 0) : -1;
    if (!shape || known === -1) {
      this.#readUnknown(event, text);
      return;
    }
    if (shape.hasTimings) {
      if (!isTimingsLast(text, known - timingsKey.length - 1)) {
        this.#readUnknown(event, text);
        return;
      }
      this.counts.keepTimings(index, event);
    }
    this.counts.pieces++;
    const start = shape.textStart;
    this.#handler.onText(index, event, start, text.indexOf('"', start));
  }

  #readUnknown(event: Buffer, text: string): void {
    const isUsual = isOneObject(text);
    const data = eventData(event)?.trim() ?? "";
    if (!isUsual && isNamedError(event)) throw engineStreamFailure(data, "prompt");
    if (data === "") return; // A comment.
    if (data === done) {
      this.#done = true;
      return;
    }
    const chunk = parseChunk(data);
    // llama-server reports the progress on a prompt before its text, and says `null` where it could not yet.
    if (!chunk || chunk.prompt_progress) return;
    this.head ??= chunk;
    this.#count(event, chunk);
    for (const choice of chunk.choices) {
      if (choice.text) this.counts.pieces++;
      this.#handler.onChoice(choice, chunk);
    }
    if (isUsual) this.#learn(text, chunk);
  }

  #count(event: Buffer, chunk: CompletionChunk): void {
    const [choice] = chunk.choices;
    if (choice && chunk.timings) this.counts.keepTimings(choice.index, event);
    if (chunk.usage) this.counts.readUsage(chunk);
  }

  #learn(text: string, chunk: CompletionChunk): void {
    const [choice] = chunk.choices;
    const timings = timingsStart(text);
    if (!choice || !isPlain(choice, chunk) || (timings !== -1 && !isTimingsLast(text, timings))) return;
    const shape = this.#shapes.get(choice.index) ?? new EventShape(textStart);
    this.#shapes.set(choice.index, shape);
    shape.learn(text, timings);
  }
}

/** True for a chunk that adds text to one choice, and does nothing else. */
export function isPlain(choice: CompletionChoice, { choices, usage }: CompletionChunk): boolean {
  return choices.length === 1 && !usage && !choice.logprobs && !choice.finish_reason && Boolean(choice.text);
}

function textStart(text: string): number {
  return text.search(textKey);
}

/** An engine alone writes this key: within text its quotes would be escaped. */
function choiceIndex(text: string): number {
  const start = text.indexOf(indexKey) + indexKey.length;
  return Number.parseInt(text.slice(start, start + maxIndexLength), 10);
}

/** Null for `null`. @throws GatewayError for anything else that is no chunk, and for errors */
function parseChunk(data: string): CompletionChunk | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw malformed(data);
  }
  if (value === null) return null;
  const parsed = completionChunk.safeParse(value);
  if (parsed.success && !parsed.data.error) return parsed.data;
  if (typeof value === "object" && "error" in value) throw engineStreamFailure(data, "prompt");
  throw malformed(data);
}

function malformed(data: string): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.", {
    cause: data.slice(0, 500),
  });
}
