/** A streamed chat answer as the events of a response. */
import type { StreamReader } from "../../gateway/endpoint.ts";
import { ChatChunkReader } from "../chat/chunk-reader.ts";
import type { Usage } from "../usage.ts";
import type { ResponsesCall } from "./call.ts";
import { EventWriter } from "./event-writer.ts";
import { ResponseOutput } from "./output.ts";
import { ResponseFrame } from "./response.ts";

export class ResponsesStreamReader implements StreamReader {
  readonly #frame: ResponseFrame;
  readonly #output: ResponseOutput;
  readonly #chunks: ChatChunkReader;
  readonly #events = new EventWriter();
  #hasBegun = false;

  /** @param modelId what the client is told that answered */
  constructor(call: ResponsesCall, modelId: string) {
    this.#frame = new ResponseFrame(call.request, modelId);
    this.#output = new ResponseOutput(this.#frame.idStem, (type, fields) => this.#write(type, fields));
    this.#chunks = new ChatChunkReader(call.chat, this.#output);
  }

  get eventsSent(): number {
    return this.#events.taken;
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    this.#chunks.push(chunk);
    const bytes = this.#events.take();
    if (bytes) send(bytes);
  }

  usage(): Usage {
    return this.#chunks.usage();
  }

  closing(): Buffer {
    this.#chunks.end();
    this.#output.end();
    const response = this.#frame.finished(this.#output, this.usage(), this.#chunks.wireUsage);
    this.#write(`response.${response.status}`, { response });
    return this.#events.take() ?? Buffer.alloc(0);
  }

  /** The response itself is told of with its first piece, not before: what fails until then still gets a status. */
  #write(type: string, fields: object): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      const response = this.#frame.inProgress();
      this.#events.write("response.created", { response });
      this.#events.write("response.in_progress", { response });
    }
    this.#events.write(type, fields);
  }
}
