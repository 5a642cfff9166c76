/** The vectors on their way to the client: passed on as the engine wrote them, unless they are to be shortened. */
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { tokensPerImage } from "../chat/estimate.ts";
import { answeredObject, GatheredReader, malformedAnswer } from "../gathered-answer.ts";
import { type Usage, usageFromWire } from "../usage.ts";
import { estimatedInputTokens } from "./input.ts";
import type { EmbeddingsRequest } from "./request.ts";
import { base64FromVector, shortened } from "./vectors.ts";

const vectorRow = z.looseObject({ embedding: z.array(z.number()) });

export class EmbeddingsReader extends GatheredReader<EmbeddingsRequest> {
  answer(): string {
    const text = this.gathered.text();
    const value = answeredObject(text);
    if (!Array.isArray(value.data)) throw malformedAnswer(text.slice(0, 500));
    const usage = usageFromWire(value.usage) ?? estimateEmbeddings(this.call);
    this.counted = usage;
    const { dimensions } = this.call;
    if (!dimensions && value.model === this.modelId) return text;
    const data = dimensions ? value.data.map((row) => this.#shortenedRow(row, dimensions)) : value.data;
    return JSON.stringify({ ...value, model: this.modelId, data });
  }

  /** The engine computes a batch to its end, whoever waits for it. */
  protected override estimateWhenLeft(): Usage {
    return estimateEmbeddings(this.call);
  }

  #shortenedRow(row: unknown, dimensions: number): Record<string, unknown> {
    const parsed = vectorRow.safeParse(row);
    if (!parsed.success) throw malformedAnswer("A row without a vector.");
    const { embedding, ...rest } = parsed.data;
    if (dimensions > embedding.length)
      throw new GatewayError(
        "invalid_request",
        `\`dimensions\` may be at most ${embedding.length} with this model.`,
        { param: "dimensions" },
      );
    const vector = shortened(embedding, dimensions);
    return {
      ...rest,
      embedding: this.call.encoding_format === "base64" ? base64FromVector(vector) : vector,
    };
  }
}

/** What an input probably cost, where the engine gives no count. */
function estimateEmbeddings({ input }: EmbeddingsRequest): Usage {
  const promptTokens = estimatedInputTokens(input, tokensPerImage);
  return { promptTokens, cachedTokens: 0, completionTokens: 0, estimated: true };
}
