/** Chat events on their way to a client that streams: passed on as they are, cut where the engine says more. */
import { GatewayError } from "../../errors.ts";
import type { StreamReader } from "../../gateway/endpoint.ts";
import { engineStreamFailure } from "../engine-errors.ts";
import { done, doneEvent, EventSplitter, eventData, isNamedError, jsonEvent } from "../sse.ts";
import {
  addChoice,
  engineUsageToWire,
  type MediaCount,
  noUsage,
  type Usage,
  usageFromTimings,
  usageFromWire,
  withMedia,
} from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import { EventShape } from "./event-shape.ts";
import {
  generatedStart,
  isMarked,
  isOneLine,
  isOneObject,
  isTimingsLast,
  modelText,
  timingsKey,
  timingsStart,
} from "./event-text.ts";
import type { ChatRequest } from "./request.ts";
import { tokenTimings } from "./token-event.ts";

const indexKey = Buffer.from('"index":');
const objectEnd = Buffer.from("}\n\n");
const nothing = Buffer.alloc(0);

/** What engines send before the answer begins, as its role, is a few hundred bytes. */
const maxHeldBytes = 4096;

/** One in so many pieces may teach the shape of all: to learn costs something, and in some streams it never pays. */
const lessonInterval = 8;

/** Reads the events of one chat stream. */
export class ChatStreamReader implements StreamReader {
  #done = false;
  readonly #call: ChatRequest;
  readonly #modelId: string;
  /** How every event has to name the model; known with the first. */
  #model = "";
  readonly #splitter = new EventSplitter();
  readonly #shape = new EventShape();
  /** How many pieces of the answer came. */
  #pieces = 0;
  /** Kept back until there is a piece of the answer, so that failures before still get a status; null from then on. */
  #held: Buffer | null = nothing;
  #firstEvent: Buffer | null = null;
  #usage: Usage | null = null;
  #usageChunk: Record<string, unknown> | null = null;
  #usageChunks = 0;
  /** The newest event with `timings` of each choice, still as bytes: they are read only when the stream ends early. */
  readonly #timings: Buffer[] = [];

  /** @param modelId what the client is told that answered; a remote may have another name for it, or a path */
  constructor(call: ChatRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    if (this.#splitter.isAtBoundary) {
      const text = chunk.toString("latin1");
      if (isOneLine(text)) {
        this.#handOn(this.#read(chunk, text), send);
        return;
      }
      const pieces = this.#shape.count(text);
      if (pieces > 0) {
        this.#pieces += pieces;
        this.#handOn(chunk, send);
        return;
      }
    }
    const outgoing: Buffer[] = [];
    this.#splitter.push(chunk, (event) => {
      const bytes = this.#read(event, event.toString("latin1"));
      if (bytes) outgoing.push(bytes);
    });
    if (outgoing.length > 0) this.#handOn(Buffer.concat(outgoing), send);
  }

  usage(): Usage {
    if (this.#usage && this.#usageChunks >= (this.#call.n ?? 1)) return this.#usage;
    const choices = this.#timings.map((event) => usageFromTimings(tokenTimings(event)));
    const fromTimings = choices.filter((usage) => usage !== null).reduce<Usage | null>(addChoice, null);
    const counted = fromTimings ?? this.#usage;
    if (counted) return counted;
    // With the first event the engine has the prompt.
    return this.#firstEvent ? estimateChatUsage(this.#call, this.#pieces) : noUsage;
  }

  closing(media?: MediaCount | null): Buffer {
    const last = this.#splitter.lastEvent();
    if (last) this.#read(last, last.toString("latin1"));
    if (!this.#done)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
    const held = this.#held ?? nothing;
    if (!this.#call.stream_options?.include_usage) return Buffer.concat([held, doneEvent]);
    return Buffer.concat([held, this.#usageEvent(media), doneEvent]);
  }

  /** Sends what the client gets, once there is a piece of the answer. */
  #handOn(bytes: Buffer | null, send: (bytes: Buffer) => void): void {
    if (!bytes) return;
    if (this.#held === null) {
      send(bytes);
      return;
    }
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const waits = this.#pieces === 0 && all.length <= maxHeldBytes;
    this.#held = waits ? all : null;
    if (!waits) send(all);
  }

  /** What the client gets of one whole event, or null for nothing. */
  #read(event: Buffer, text: string): Buffer | null {
    const known = this.#shape.end(text, 0);
    const timings = this.#shape.hasTimings ? known - timingsKey.length - 1 : -1;
    if (known === -1 || (timings !== -1 && !isTimingsLast(text, timings)))
      return this.#readUnknown(event, text);
    this.#pieces++;
    return timings === -1 ? event : this.#withoutTimings(event, timings);
  }

  /** Looks at all that an event may say. */
  #readUnknown(event: Buffer, text: string): Buffer | null {
    if (!isOneObject(text)) return this.#readUnusual(event);
    if (isMarked(text)) {
      const chunk = parseObject(event);
      if (chunk.prompt_progress) return null;
      if (chunk.error) throw engineFailure(event);
      if (chunk.usage) return this.#readUsage(event, text, chunk);
    }
    this.#begin(event);
    const isPiece = generatedStart(text) !== -1;
    if (isPiece) this.#pieces++;
    const timings = timingsStart(text);
    if (!text.includes(this.#model) || (timings !== -1 && !isTimingsLast(text, timings)))
      return this.#rewritten(event);
    if (isPiece && this.#pieces % lessonInterval === 1) this.#shape.learn(text, timings);
    return timings === -1 ? event : this.#withoutTimings(event, timings);
  }

  /** Comments, events with a name, lines that are no object, and objects on several lines. */
  #readUnusual(event: Buffer): Buffer | null {
    if (isNamedError(event)) throw engineFailure(event);
    const data = eventData(event)?.trim() ?? "";
    if (data === "") return null; // The gateway makes its own comments.
    if (data === done) {
      this.#done = true;
      return null;
    }
    if (!data.startsWith("{")) throw malformed();
    const line = Buffer.from(`data: ${data.replaceAll("\n", " ")}\n\n`);
    return this.#read(line, line.toString("latin1"));
  }

  /** Looks at the first event alone: what is no stream of JSON is found out before the client has its status. */
  #begin(event: Buffer): void {
    if (this.#firstEvent) return;
    parseObject(event);
    this.#firstEvent = event;
    this.#model = modelText(this.#modelId, event);
  }

  /** Takes the usage out; a piece of the answer that comes with it goes on. */
  #readUsage(event: Buffer, text: string, chunk: Record<string, unknown>): Buffer | null {
    this.#begin(event);
    const usage = usageFromWire(chunk.usage);
    const isClosing = !Array.isArray(chunk.choices) || chunk.choices.length === 0;
    if (usage) {
      // llama-server counts each choice on its own, when all is written; others count all together, and some in every chunk.
      this.#usage = isClosing && this.#usageChunks > 0 ? addChoice(this.#usage, usage) : usage;
      if (isClosing) this.#usageChunks++;
      this.#usageChunk = chunk;
    }
    if (isClosing) return null;
    if (generatedStart(text) !== -1) this.#pieces++;
    return jsonEvent({ ...chunk, model: this.#modelId, usage: undefined, timings: undefined });
  }

  /** Keeps the counts, and cuts them off. Copied, as the bytes behind are kept. */
  #withoutTimings(event: Buffer, start: number): Buffer {
    this.#keepTimings(event);
    const cut = Buffer.allocUnsafe(start - 1 + objectEnd.length);
    event.copy(cut, 0, 0, start - 1);
    objectEnd.copy(cut, start - 1);
    return cut;
  }

  #keepTimings(event: Buffer): void {
    this.#timings[(this.#call.n ?? 1) > 1 ? choiceIndex(event) : 0] = event;
  }

  /** The event for the client where its bytes do not suffice: an engine may name the model differently in every event. */
  #rewritten(event: Buffer): Buffer {
    const chunk = parseObject(event);
    chunk.model = this.#modelId;
    if (chunk.timings) {
      this.#keepTimings(event);
      delete chunk.timings;
    }
    return jsonEvent(chunk);
  }

  /** The chunk of its own in which OpenAI gives the usage. */
  #usageEvent(media: MediaCount | null | undefined): Buffer {
    const chunk = this.#usageChunk ?? (this.#firstEvent && parseObject(this.#firstEvent));
    const reported = (this.#call.n ?? 1) === 1 ? this.#usageChunk?.usage : undefined;
    const usage = engineUsageToWire(reported, withMedia(this.usage(), media));
    return jsonEvent({ ...chunk, model: this.#modelId, choices: [], timings: undefined, usage });
  }
}

function engineFailure(event: Buffer): GatewayError {
  return engineStreamFailure(eventData(event) ?? "");
}

function malformed(): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.");
}

function choiceIndex(event: Buffer): number {
  const at = event.indexOf(indexKey);
  const index =
    at === -1
      ? 0
      : Number.parseInt(event.toString("latin1", at + indexKey.length, at + indexKey.length + 4), 10);
  return Number.isInteger(index) && index >= 0 && index < 1000 ? index : 0;
}

/** @throws GatewayError where the event's data is no object */
function parseObject(event: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(eventData(event) ?? "");
  } catch {
    throw malformed();
  }
  if (!isObject(value)) throw malformed();
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
