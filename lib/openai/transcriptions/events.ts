/** The events of a transcription's stream, in OpenAI's shape: pieces of text, then the whole text with its usage. */
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { engineStreamFailure } from "../engine-errors.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { done, EventSplitter, eventData, isNamedError } from "../sse.ts";
import type { TranscriptionCount } from "./usage.ts";

const wireEvent = z.looseObject({
  type: z.string(),
  delta: z.string().nullish(),
  text: z.string().nullish(),
  usage: z.unknown().optional(),
});

/** Told of each event that a client of a stream gets, but for the last. */
type OnPiece = (event: Record<string, unknown>) => void;

export class TranscriptionEvents {
  readonly #splitter = new EventSplitter();
  readonly #count: TranscriptionCount;
  readonly #onPiece: OnPiece;
  #text = "";
  #wholeText: string | null = null;
  /** The answer of an engine that does not stream, though it was asked to: JSON, and no event. */
  #unstreamed: GatheredAnswer | null = null;
  #hasBegun = false;
  readonly #onEvent = (event: Buffer) => this.#read(event);

  constructor(count: TranscriptionCount, onPiece: OnPiece = () => {}) {
    this.#count = count;
    this.#onPiece = onPiece;
  }

  /** @throws GatewayError when the engine reports an error of its own, or sends what is no transcription */
  push(chunk: Buffer): void {
    if (!this.#hasBegun && chunk.toString("latin1").trimStart().startsWith("{"))
      this.#unstreamed = new GatheredAnswer();
    this.#hasBegun = true;
    if (this.#unstreamed) this.#unstreamed.push(chunk);
    else this.#splitter.push(chunk, this.#onEvent);
  }

  /** All that was said. @throws GatewayError when the engine ended before its answer was whole */
  end(): string {
    if (this.#unstreamed) this.#readWhole(this.#unstreamed.text());
    const last = this.#unstreamed ? null : this.#splitter.lastEvent();
    if (last) this.#onEvent(last);
    if (this.#wholeText === null)
      throw new GatewayError("engine_crashed", "The engine behind this model ended while it was answering.");
    return this.#wholeText;
  }

  #readWhole(body: string): void {
    const { text, usage } = answeredObject(body);
    if (typeof text !== "string") throw malformedAnswer(body.slice(0, 500));
    this.#piece({ type: "transcript.text.delta", delta: text }, text);
    this.#finish(text, usage);
  }

  #read(event: Buffer): void {
    const data = eventData(event)?.trim() ?? "";
    if (isNamedError(event)) throw engineStreamFailure(data, "file");
    if (data === "" || data === done) return;
    const value = answeredObject(data);
    if (value.error) throw engineStreamFailure(data, "file");
    const parsed = wireEvent.safeParse(value);
    if (!parsed.success) throw malformedAnswer(data.slice(0, 500));
    const { type, delta, text, usage } = parsed.data;
    if (type === "transcript.text.done") this.#finish(text ?? this.#text, usage);
    else if (type !== "transcript.text.delta") this.#onPiece(parsed.data);
    else if (delta) this.#piece(parsed.data, delta); // A token may be a part of a character: then nothing is told.
  }

  #piece(event: Record<string, unknown>, delta: string): void {
    this.#text += delta;
    this.#count.pieces++;
    this.#onPiece(event);
  }

  #finish(text: string, usage: unknown): void {
    this.#wholeText = text;
    this.#count.report(usage);
    this.#count.estimate(text);
  }
}
