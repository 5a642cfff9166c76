/** A message for a client that streams: Anthropic's events, in their order. */
import type { StreamReader } from "../gateway/endpoint.ts";
import { noUsage, type Usage } from "../openai/usage.ts";
import type { BlockSink } from "./block-writer.ts";
import { type BlockDelta, type ContentBlock, wireMessage, wireUsage } from "./message.ts";
import { MessageReader } from "./message-reader.ts";
import type { MessagesCall } from "./to-chat.ts";

/**
 * Begins with the first block, so that failures before it still get a status. `message_start` says what the prompt
 * came to where the engine has told by then, as llama-server does; else its counts are 0, and those of `message_delta`
 * are all that count.
 */
export class MessagesStreamReader implements StreamReader, BlockSink {
  readonly #modelId: string;
  readonly #reader: MessageReader;
  /** The events that the client has not been sent yet. */
  #events = "";
  #hasStarted = false;
  #blockIndex = -1;

  /** @param modelId what the client is told that answered */
  constructor(call: MessagesCall, modelId: string) {
    this.#modelId = modelId;
    this.#reader = new MessageReader(call, this);
  }

  get hasEnough(): boolean {
    return this.#reader.hasEnough;
  }

  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    this.#reader.push(chunk);
    if (this.#events !== "") send(this.#takeEvents());
  }

  usage(): Usage {
    return this.#reader.usage();
  }

  closing(): Buffer {
    const delta = this.#reader.finish();
    this.#start();
    this.#write("message_delta", { delta, usage: wireUsage(this.usage()) });
    this.#write("message_stop", {});
    return this.#takeEvents();
  }

  begin(block: ContentBlock): void {
    this.#start();
    this.#write("content_block_start", { index: ++this.#blockIndex, content_block: block });
  }

  add(delta: BlockDelta): void {
    this.#write("content_block_delta", { index: this.#blockIndex, delta });
  }

  end(): void {
    this.#write("content_block_stop", { index: this.#blockIndex });
  }

  #start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { estimated, ...counts } = this.usage();
    const usage = estimated ? noUsage : { ...counts, completionTokens: 0, estimated };
    this.#write("message_start", { message: wireMessage(this.#modelId, [], null, usage) });
  }

  #write(type: string, members: object): void {
    this.#events += `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
  }

  #takeEvents(): Buffer {
    const bytes = Buffer.from(this.#events);
    this.#events = "";
    return bytes;
  }
}
