/** Chat events on their way to a client that streams: passed on as they are, cut where the engine says more. */
import { GatewayError } from "../../errors.ts";
import type { StreamReader } from "../../gateway/endpoint.ts";
import { engineStreamError } from "../engine-errors.ts";
import { doneEvent, EventSplitter, eventData, jsonEvent } from "../sse.ts";
import { addChoice, noUsage, type Usage, usageFromTimings, usageFromWire, usageToWire } from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import type { ChatRequest } from "./request.ts";

/*
 * Keys that only the engine writes. Inside a JSON string the quotes would be escaped, so text that a model generates
 * cannot be taken for one of them.
 */
const usageKey = '"usage"';
const timingsKey = ',"timings":{';
const progressKey = '"prompt_progress":{';
const errorKey = '"error"';
const indexKey = Buffer.from('"index":');
const done = "[DONE]";
/** Any of them but the timings. One search in text of a byte a character costs a tenth of as many searches in bytes. */
const marks = /"(?:usage"|error"|prompt_progress":\{)|\[DONE\]/;
const eventEnd = Buffer.from("\n\n");
const objectEnd = Buffer.from("}\n\n");

/** Reads the events of one chat stream. */
export class ChatStreamReader implements StreamReader {
  #done = false;
  readonly #call: ChatRequest;
  readonly #modelId: string;
  #mustRename = false;
  readonly #splitter = new EventSplitter();
  #events = 0;
  #firstEvent: Buffer | null = null;
  #usage: Usage | null = null;
  #usageChunk: Record<string, unknown> | null = null;
  #usageChunks = 0;
  /** The newest `timings` of each choice, still as bytes: they are read only when the stream ends early. */
  readonly #timings: Buffer[] = [];

  /** @param modelId what the client is told that answered; a remote may have another name for it, or a path */
  constructor(call: ChatRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    if (this.#splitter.isAtBoundary && passesUnchanged(chunk)) {
      this.#begin(chunk);
      if (!this.#mustRename) {
        this.#events += countEvents(chunk);
        send(chunk);
        return;
      }
    }
    const outgoing: Buffer[] = [];
    this.#splitter.push(chunk, (event) => {
      const bytes = this.#read(event);
      if (bytes) outgoing.push(bytes);
    });
    const [first, second] = outgoing;
    if (first) send(second ? Buffer.concat(outgoing) : first);
  }

  usage(): Usage {
    if (this.#usage && this.#usageChunks >= (this.#call.n ?? 1)) return this.#usage;
    const choices = this.#timings.map(readTimings).filter((usage) => usage !== null);
    const fromTimings = choices.reduce<Usage | null>(addChoice, null);
    const counted = fromTimings ?? this.#usage;
    if (counted) return counted;
    return this.#events === 0 ? noUsage : estimateChatUsage(this.#call, this.#events);
  }

  closing(): Buffer {
    if (!this.#done)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
    if (!this.#call.stream_options?.include_usage) return doneEvent;
    const chunk = this.#usageChunk ?? this.#chunkLikeFirst();
    const exact = (this.#call.n ?? 1) === 1 ? this.#usageChunk?.usage : undefined;
    return Buffer.concat([
      jsonEvent({
        ...chunk,
        model: this.#modelId,
        choices: [],
        timings: undefined,
        usage: exact ?? usageToWire(this.usage()),
      }),
      doneEvent,
    ]);
  }

  /** What the client gets of one whole event, or null for nothing. */
  #read(event: Buffer): Buffer | null {
    const text = event.toString("latin1");
    if (marks.test(text)) {
      if (text.includes(progressKey)) return null;
      if (text.includes(done) && eventData(event) === done) {
        this.#done = true;
        return null;
      }
      if (text.includes(errorKey)) this.#refuseErrors(event);
      if (text.includes(usageKey)) {
        this.#begin(event);
        const chunk = parseObject(eventData(event));
        if (chunk.usage) return this.#readUsage(chunk);
      }
    }
    this.#begin(event);
    this.#events++;
    return this.#renamed(this.#withoutTimings(event, text.lastIndexOf(timingsKey)));
  }

  #refuseErrors(event: Buffer): void {
    const error = engineStreamError(eventData(event) ?? "");
    if (error) throw error;
  }

  /** Looks at the first event alone: what is no stream of JSON is found out before the client has its status. */
  #begin(chunk: Buffer): void {
    if (this.#firstEvent) return;
    const first = firstOf(chunk);
    const data = eventData(first);
    if (data === null) return; // A comment.
    const { model } = parseObject(data);
    if (Object.keys(parseObject(data)).length === 0) throw malformed();
    this.#firstEvent = first;
    this.#mustRename = model !== this.#modelId;
  }

  #readUsage(chunk: Record<string, unknown>): Buffer | null {
    const usage = usageFromWire(chunk.usage);
    if (!usage) throw malformed();
    // llama-server counts each choice on its own; others count all together, and some of them in every chunk.
    this.#usage = (this.#call.n ?? 1) > 1 ? addChoice(this.#usage, usage) : usage;
    this.#usageChunks++;
    this.#usageChunk = { ...chunk, model: this.#modelId };
    if (!Array.isArray(chunk.choices) || chunk.choices.length === 0) return null;
    this.#events++;
    return jsonEvent({ ...chunk, model: this.#modelId, usage: undefined, timings: undefined });
  }

  /** @param start where the timings begin, or -1 */
  #withoutTimings(event: Buffer, start: number): Buffer {
    if (start === -1) return event;
    this.#timings[(this.#call.n ?? 1) > 1 ? choiceIndex(event) : 0] = event.subarray(start);
    const cut = Buffer.allocUnsafe(start + objectEnd.length);
    event.copy(cut, 0, 0, start);
    objectEnd.copy(cut, start);
    return cut;
  }

  #renamed(event: Buffer): Buffer {
    if (!this.#mustRename) return event;
    const data = eventData(event);
    return data === null ? event : jsonEvent({ ...parseObject(data), model: this.#modelId });
  }

  #chunkLikeFirst(): Record<string, unknown> {
    return this.#firstEvent ? parseObject(eventData(this.#firstEvent)) : {};
  }
}

function malformed(): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.");
}

function passesUnchanged(chunk: Buffer): boolean {
  const text = chunk.toString("latin1");
  return text.endsWith("\n\n") && !text.includes(timingsKey) && !marks.test(text);
}

function countEvents(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(eventEnd); at !== -1; at = chunk.indexOf(eventEnd, at + eventEnd.length))
    count++;
  return count;
}

function firstOf(chunk: Buffer): Buffer {
  const end = chunk.indexOf(eventEnd);
  return end === -1 ? chunk : chunk.subarray(0, end);
}

function choiceIndex(event: Buffer): number {
  const at = event.indexOf(indexKey);
  const index =
    at === -1
      ? 0
      : Number.parseInt(event.toString("latin1", at + indexKey.length, at + indexKey.length + 4), 10);
  return Number.isInteger(index) && index >= 0 && index < 1000 ? index : 0;
}

function readTimings(tail: Buffer): Usage | null {
  const text = tail.toString("utf8").trimEnd();
  return usageFromTimings(parseObject(text.slice(timingsKey.length - 1, -1)));
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
