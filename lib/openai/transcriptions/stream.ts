/** A transcription on its way to a client that streams. */
import type { StreamReader } from "../../gateway/endpoint.ts";
import { doneEvent, jsonEvent } from "../sse.ts";
import type { Usage } from "../usage.ts";
import type { TranscriptionCall } from "./call.ts";
import { TranscriptionEvents } from "./events.ts";
import { TranscriptionCount } from "./usage.ts";

export class TranscriptionStreamReader implements StreamReader {
  readonly #count: TranscriptionCount;
  readonly #events: TranscriptionEvents;
  #outgoing: Buffer[] = [];

  constructor(call: TranscriptionCall, soundSeconds: number | null) {
    this.#count = new TranscriptionCount(call, soundSeconds);
    this.#events = new TranscriptionEvents(this.#count, (event) => this.#outgoing.push(jsonEvent(event)));
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    this.#events.push(chunk);
    if (this.#outgoing.length > 0) send(this.#take());
  }

  closing(): Buffer {
    const text = this.#events.end();
    this.#outgoing.push(
      jsonEvent({ type: "transcript.text.done", text, usage: this.#count.toWire() }),
      doneEvent,
    );
    return this.#take();
  }

  usage(): Usage {
    return this.#count.usage();
  }

  usageWhenLeft(): Usage {
    return this.#count.usageWhenLeft();
  }

  #take(): Buffer {
    const all = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    return all;
  }
}
