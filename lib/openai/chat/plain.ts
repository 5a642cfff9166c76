/** A chat answer that came in one piece, from an engine that was not asked to stream. */
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { noUsage, type Usage, usageFromWire, usageToWire } from "../usage.ts";
import { estimateChatUsage, estimateWrittenTokens } from "./estimate.ts";
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
    const reported = usageFromWire(value.usage);
    const usage = reported ?? estimateChatUsage(this.#call, estimateWrittenTokens(value.choices));
    this.#usage = usage;
    // A remote may have another name for the model, or the path of its file.
    if (reported && value.model === this.#modelId) return text;
    return JSON.stringify({
      ...value,
      model: this.#modelId,
      usage: reported ? value.usage : usageToWire(usage),
    });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine had the prompt; what it wrote of the answer nobody knows, and nobody pays. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimateChatUsage(this.#call, 0);
  }
}
