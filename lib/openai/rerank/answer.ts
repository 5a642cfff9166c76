/** Documents in the order of their relevance. */
import { z } from "zod";
import type { WholeReader } from "../../gateway/endpoint.ts";
import { answeredObject, GatheredAnswer, malformedAnswer } from "../gathered-answer.ts";
import { noUsage, type Usage, usageFromWire } from "../usage.ts";
import { documentText, type RerankRequest } from "./request.ts";

/** Rough length of a token of English text; only estimates rest on it. */
const bytesPerToken = 4;

const results = z.array(z.object({ index: z.number().int().min(0), relevance_score: z.number() }));

export class RerankReader implements WholeReader {
  readonly #call: RerankRequest;
  readonly #modelId: string;
  readonly #answer = new GatheredAnswer();
  #usage: Usage | null = null;

  constructor(call: RerankRequest, modelId: string) {
    this.#call = call;
    this.#modelId = modelId;
  }

  get hasBegun(): boolean {
    return this.#answer.hasBegun;
  }

  push(chunk: Buffer): void {
    this.#answer.push(chunk);
  }

  /** Sorted and cut here: engines differ in both. */
  answer(): string {
    const text = this.#answer.text();
    const value = answeredObject(text);
    const parsed = results.safeParse(value.results);
    if (!parsed.success) throw malformedAnswer(text.slice(0, 500));
    const usage = usageFromWire(value.usage) ?? estimateRerank(this.#call);
    this.#usage = usage;
    const sorted = parsed.data.sort((one, other) => other.relevance_score - one.relevance_score);
    return JSON.stringify({
      object: "list",
      model: this.#modelId,
      results: sorted.slice(0, this.#call.top_n ?? sorted.length).map((result) => this.#withDocument(result)),
      usage: { prompt_tokens: usage.promptTokens, total_tokens: usage.promptTokens },
    });
  }

  usage(): Usage {
    return this.#usage ?? noUsage;
  }

  /** The engine computes a batch to its end, whoever waits for it. */
  usageWhenLeft(): Usage {
    return this.#usage ?? estimateRerank(this.#call);
  }

  #withDocument(result: z.infer<typeof results>[number]): Record<string, unknown> {
    const document = this.#call.documents[result.index];
    if (document === undefined) throw malformedAnswer(`There is no document ${result.index}.`);
    return this.#call.return_documents ? { ...result, document: { text: documentText(document) } } : result;
  }
}

/** The query is read with each document. */
function estimateRerank({ query, documents }: RerankRequest): Usage {
  const queryTokens = Math.ceil(Buffer.byteLength(query) / bytesPerToken);
  const documentTokens = documents.map((document) =>
    Math.ceil(Buffer.byteLength(documentText(document)) / bytesPerToken),
  );
  const promptTokens = documentTokens.reduce((sum, tokens) => sum + queryTokens + tokens, 0);
  return { promptTokens, cachedTokens: 0, completionTokens: 0, estimated: true };
}
