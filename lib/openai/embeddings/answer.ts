/** The vectors on their way to the client: passed on as the engine wrote them, unless they are to be shortened. */
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { estimatedTokens } from "../text-or-tokens.ts";
import { noUsage, type Usage, usageFromWire } from "../usage.ts";
import type { EmbeddingsRequest } from "./request.ts";
import { base64FromVector, shortened } from "./vectors.ts";

const vectorRow = z.looseObject({ embedding: z.array(z.number()) });

export class EmbeddingsReader implements WholeReader {
  readonly #call: EmbeddingsRequest;
  readonly #modelId: string;
  readonly #answer = new GatheredAnswer();
  #usage: Usage | null = null;

  constructor(call: EmbeddingsRequest, modelId: string) {
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
    if (!Array.isArray(value.data)) throw malformedAnswer(text.slice(0, 500));
    const usage = usageFromWire(value.usage) ?? estimateEmbeddings(this.#call);
    this.#usage = usage;
    const { dimensions } = this.#call;
    if (!dimensions && value.model === this.#modelId) return text;
    const data = dimensions ? value.data.map((row) => this.#shortenedRow(row, dimensions)) : value.data;
    return JSON.stringify({ ...value, model: this.#modelId, data });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine computes a batch to its end, whoever waits for it. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimateEmbeddings(this.#call);
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
      embedding: this.#call.encoding_format === "base64" ? base64FromVector(vector) : vector,
    };
  }
}

/** What an input probably cost, where the engine gives no count. */
function estimateEmbeddings({ input }: EmbeddingsRequest): Usage {
  return { promptTokens: estimatedTokens(input), cachedTokens: 0, completionTokens: 0, estimated: true };
}
