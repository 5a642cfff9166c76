/** A transcription in one piece, from an engine that streams it or one that does not. */
import { GatewayError } from "../../errors.ts";
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import type { Usage } from "../usage.ts";
import type { TranscriptionCall } from "./call.ts";
import { TranscriptionEvents } from "./events.ts";
import { TranscriptionCount } from "./usage.ts";

/** As OpenAI's answers say. */
const plainText = "text/plain; charset=utf-8";

abstract class TranscriptionReader implements WholeReader {
  protected readonly call: TranscriptionCall;
  protected readonly count: TranscriptionCount;

  constructor(call: TranscriptionCall, soundSeconds: number | null) {
    this.call = call;
    this.count = new TranscriptionCount(call, soundSeconds);
  }

  get contentType(): string | undefined {
    return isPlain(this.call) ? plainText : undefined;
  }

  usage(): Usage {
    return this.count.usage();
  }

  usageWhenLeft(): Usage {
    return this.count.usageWhenLeft();
  }

  abstract readonly hasBegun: boolean;
  abstract push(chunk: Buffer): void;
  abstract answer(): string;

  /** @param further what an engine said besides the text */
  protected written(text: string, further: Record<string, unknown> = {}): string {
    if (this.call.response_format === "text") return `${text}\n`;
    return JSON.stringify({ ...further, text, usage: this.count.toWire() });
  }
}

/** Gathers the events of an engine that always streams. */
export class TranscriptionWholeReader extends TranscriptionReader {
  readonly #events = new TranscriptionEvents(this.count);

  get hasBegun(): boolean {
    return this.count.pieces > 0;
  }

  push(chunk: Buffer): void {
    this.#events.push(chunk);
  }

  answer(): string {
    return this.written(this.#events.end());
  }
}

/** Reads what a remote answers in the format that was asked for. */
export class TranscriptionPlainReader extends TranscriptionReader {
  readonly #gathered = new GatheredAnswer();

  get hasBegun(): boolean {
    return this.#gathered.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#gathered.push(chunk);
  }

  answer(): string {
    const body = this.#gathered.text();
    if (isPlain(this.call) && this.call.response_format !== "text") {
      if (body === "")
        throw new GatewayError("engine_crashed", "The engine behind this model answered nothing.");
      this.count.estimate(body);
      return body;
    }
    const { text, usage, ...further } = answeredObject(body);
    if (typeof text !== "string") throw malformedAnswer(body.slice(0, 500));
    this.count.report(usage);
    this.count.estimate(text);
    return this.written(text, further);
  }
}

/** Formats that are no JSON. */
function isPlain({ response_format }: TranscriptionCall): boolean {
  return response_format === "text" || response_format === "srt" || response_format === "vtt";
}
