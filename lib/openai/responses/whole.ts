/** A chat answer gathered into one Response, for clients that did not ask for a stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { readChatAnswer } from "../chat/answer.ts";
import { ChatChunkReader } from "../chat/chunk-reader.ts";
import { ChatPlainReader } from "../chat/plain.ts";
import type { Usage } from "../usage.ts";
import type { ResponsesCall } from "./call.ts";
import { ResponseOutput } from "./output.ts";
import { ResponseFrame } from "./response.ts";

const untold = () => {};

/** From an engine that streams. */
export class ResponsesWholeReader implements WholeReader {
  readonly #frame: ResponseFrame;
  readonly #output: ResponseOutput;
  readonly #chunks: ChatChunkReader;

  /** @param modelId what the client is told that answered */
  constructor(call: ResponsesCall, modelId: string) {
    this.#frame = new ResponseFrame(call.request, modelId);
    this.#output = new ResponseOutput(this.#frame.idStem, untold);
    this.#chunks = new ChatChunkReader(call.chat, this.#output);
  }

  get hasBegun(): boolean {
    return this.#chunks.pieceCount > 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  answer(): string {
    this.#chunks.end();
    this.#output.end();
    return JSON.stringify(this.#frame.finished(this.#output, this.usage(), this.#chunks.wireUsage));
  }

  usage(): Usage {
    return this.#chunks.usage();
  }

  usageWhenLeft(): Usage {
    return this.usage();
  }
}

/** From an engine that answers in one piece. */
export class ResponsesPlainReader implements WholeReader {
  readonly #frame: ResponseFrame;
  readonly #chat: ChatPlainReader;

  /** @param modelId what the client is told that answered */
  constructor(call: ResponsesCall, modelId: string) {
    this.#frame = new ResponseFrame(call.request, modelId);
    this.#chat = new ChatPlainReader(call.chat, modelId);
  }

  get hasBegun(): boolean {
    return this.#chat.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#chat.push(chunk);
  }

  answer(): string {
    const { part, usage } = readChatAnswer(this.#chat.answer());
    const output = new ResponseOutput(this.#frame.idStem, untold);
    output.addPart(part);
    output.end();
    return JSON.stringify(this.#frame.finished(output, this.usage(), usage));
  }

  usage(): Usage {
    return this.#chat.usage();
  }

  usageWhenLeft(): Usage {
    return this.#chat.usageWhenLeft();
  }
}
