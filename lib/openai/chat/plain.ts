/** A chat answer that came in one piece, from an engine that was not asked to stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { noUsage, type Usage, usageFromWire } from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import type { ChatRequest } from "./request.ts";

/** Keeps the answer's bytes as they are; only its `usage` is read. */
export class ChatPlainReader implements WholeReader {
  readonly #call: ChatRequest;
  readonly #modelId: string;
  readonly #answer = new GatheredAnswer();
  #usage: Usage | null = null;

  constructor(call: ChatRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  get hasBegun(): boolean {
    return this.#answer.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#answer.push(chunk);
  }

  answer(): string {
    const text = this.#answer.text();
    const value = answeredObject(text);
    if (!("choices" in value)) throw malformedAnswer(text.slice(0, 500));
    this.#usage = usageFromWire(value.usage) ?? estimateChatUsage(this.#call, Math.ceil(text.length / 4));
    // A remote may have another name for the model, or the path of its file.
    return value.model === this.#modelId ? text : JSON.stringify({ ...value, model: this.#modelId });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine had the prompt; what it wrote of the answer nobody knows, and nobody pays. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimateChatUsage(this.#call, 0);
  }
}
