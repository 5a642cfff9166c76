/** A chat answer that came in one piece, from an engine that was not asked to stream. */
import { answeredObject, GatheredReader, malformedAnswer } from "../gathered-answer.ts";
import { type Usage, usageFromWire, usageToWire } from "../usage.ts";
import { estimateChatUsage, estimateWrittenTokens } from "./estimate.ts";
import type { ChatRequest } from "./request.ts";

/** Keeps the answer's bytes as they are; only its `usage` is read. */
export class ChatPlainReader extends GatheredReader<ChatRequest> {
  answer(): string {
    const text = this.gathered.text();
    const value = answeredObject(text);
    if (!("choices" in value)) throw malformedAnswer(text.slice(0, 500));
    const reported = usageFromWire(value.usage);
    const usage = reported ?? estimateChatUsage(this.call, estimateWrittenTokens(value.choices));
    this.counted = usage;
    // A remote may have another name for the model, or the path of its file.
    if (reported && value.model === this.modelId) return text;
    return JSON.stringify({
      ...value,
      model: this.modelId,
      usage: reported ? value.usage : usageToWire(usage),
    });
  }

  /** The engine had the prompt; what it wrote of the answer nobody knows, and nobody pays. */
  protected override estimateWhenLeft(): Usage {
    return estimateChatUsage(this.call, 0);
  }
}
