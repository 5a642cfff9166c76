/** A chat answer that came in one piece, from an engine that was not asked to stream. */
import { GatewayError } from "../../errors.ts";
import type { WholeReader } from "../../gateway/endpoint.ts";
import { noUsage, type Usage, usageFromWire } from "../usage.ts";
import { estimateChatUsage } from "./estimate.ts";
import type { ChatRequest } from "./request.ts";

const maxAnswerBytes = 64 * 1024 * 1024;

/** Keeps the answer's bytes as they are; only its `usage` is read. */
export class ChatPlainReader implements WholeReader {
  readonly #call: ChatRequest;
  readonly #modelId: string;
  #pieces: Buffer[] = [];
  #sizeBytes = 0;
  #usage: Usage | null = null;

  constructor(call: ChatRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  get hasBegun(): boolean {
    return this.#sizeBytes > 0;
  }

  push(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > maxAnswerBytes) throw malformed("too large");
    this.#pieces.push(chunk);
  }

  answer(): string {
    const text = Buffer.concat(this.#pieces).toString("utf8");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw malformed(text.slice(0, 500));
    }
    if (typeof value !== "object" || value === null || !("choices" in value))
      throw malformed(text.slice(0, 500));
    const reported = "usage" in value ? usageFromWire(value.usage) : null;
    this.#usage = reported ?? estimateChatUsage(this.#call, Math.ceil(text.length / 4));
    // A remote may have another name for the model, or the path of its file.
    if ("model" in value && value.model === this.#modelId) return text;
    return JSON.stringify({ ...value, model: this.#modelId });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine had the prompt; what it wrote of the answer nobody knows, and nobody pays. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimateChatUsage(this.#call, 0);
  }
}

function malformed(cause: string): GatewayError {
  return new GatewayError("engine_crashed", "The engine behind this model sent a malformed answer.", {
    cause,
  });
}
