/** A message from a chat answer that came in one piece, from an engine that was not asked to stream. */
import type { WholeReader } from "../gateway/endpoint.ts";
import { readChatAnswer } from "../openai/chat/answer.ts";
import { ChatPlainReader } from "../openai/chat/plain.ts";
import type { Usage } from "../openai/usage.ts";
import { BlockList } from "./block-list.ts";
import { BlockWriter } from "./block-writer.ts";
import { wireMessage } from "./message.ts";
import type { MessagesCall } from "./to-chat.ts";

export class MessagesPlainReader implements WholeReader {
  readonly #modelId: string;
  readonly #stopSequences: readonly string[];
  readonly #chat: ChatPlainReader;

  constructor({ chat, stopSequences }: MessagesCall, modelId: string) {
    this.#modelId = modelId;
    this.#stopSequences = stopSequences;
    this.#chat = new ChatPlainReader(chat, modelId);
  }

  get hasBegun(): boolean {
    return this.#chat.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#chat.push(chunk);
  }

  answer(): string {
    const { part } = readChatAnswer(this.#chat.answer());
    const content = new BlockList();
    const writer = new BlockWriter(this.#stopSequences, content);
    writer.addPart(part);
    return JSON.stringify(wireMessage(this.#modelId, content.blocks, writer.finish(), this.usage()));
  }

  usage(): Usage {
    return this.#chat.usage();
  }

  usageWhenLeft(): Usage {
    return this.#chat.usageWhenLeft();
  }
}
