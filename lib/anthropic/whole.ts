/** A message for a client that does not stream, gathered from an engine that does. */
import type { WholeReader } from "../gateway/endpoint.ts";
import type { Usage } from "../openai/usage.ts";
import { BlockList } from "./block-list.ts";
import { wireMessage } from "./message.ts";
import { MessageReader } from "./message-reader.ts";
import type { MessagesCall } from "./to-chat.ts";

export class MessagesWholeReader implements WholeReader {
  readonly #modelId: string;
  readonly #content = new BlockList();
  readonly #reader: MessageReader;

  constructor(call: MessagesCall, modelId: string) {
    this.#modelId = modelId;
    this.#reader = new MessageReader(call, this.#content);
  }

  get hasBegun(): boolean {
    return this.#reader.hasBegun;
  }

  get hasEnough(): boolean {
    return this.#reader.hasEnough;
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  answer(): string {
    const ending = this.#reader.finish();
    return JSON.stringify(wireMessage(this.#modelId, this.#content.blocks, ending, this.usage()));
  }

  usage(): Usage {
    return this.#reader.usage();
  }

  usageWhenLeft(): Usage {
    return this.usage();
  }
}
