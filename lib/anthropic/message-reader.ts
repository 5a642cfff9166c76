/** Reads a chat stream and writes the blocks of a message, until the answer ends or a stop sequence ends it. */
import { ChatChunkReader, type ChatPieces } from "../openai/chat/chunk-reader.ts";
import type { ChatChunkChoice } from "../openai/chat/events.ts";
import type { Usage } from "../openai/usage.ts";
import { type BlockSink, BlockWriter } from "./block-writer.ts";
import type { Ending } from "./message.ts";
import type { MessagesCall } from "./to-chat.ts";

export class MessageReader implements ChatPieces {
  readonly #writer: BlockWriter;
  readonly #chunks: ChatChunkReader;
  /** When a stop sequence came: the engine may have written on before it was told. */
  #usageWhenStopped: Usage | null = null;

  constructor({ chat, stopSequences }: MessagesCall, sink: BlockSink) {
    this.#writer = new BlockWriter(stopSequences, sink);
    this.#chunks = new ChatChunkReader(chat, this);
  }

  get hasBegun(): boolean {
    return this.#chunks.pieceCount > 0;
  }

  /** True when a stop sequence has come: the engine's work can be given up. */
  get hasEnough(): boolean {
    return this.#usageWhenStopped !== null;
  }

  /** @throws GatewayError when the engine reports an error of its own */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  /**
   * Ends the last block.
   * @throws GatewayError when the engine ended before its answer was whole
   */
  finish(): Ending {
    if (!this.hasEnough) this.#chunks.end();
    return this.#writer.finish();
  }

  /** What has been used so far. */
  usage(): Usage {
    return this.#usageWhenStopped ?? this.#chunks.usage();
  }

  addText(text: string): void {
    this.#writer.addText(text);
    this.#noteStop();
  }

  addPart(part: ChatChunkChoice): void {
    this.#writer.addPart(part);
    this.#noteStop();
  }

  #noteStop(): void {
    if (this.#writer.hasStopped) this.#usageWhenStopped ??= this.#chunks.usage();
  }
}
