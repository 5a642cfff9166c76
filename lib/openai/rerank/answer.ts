/** Documents in the order of their relevance. */
import { z } from "zod";
import { answeredObject, GatheredReader, malformedAnswer } from "../gathered-answer.ts";
import { estimatedTextTokens } from "../text-or-tokens.ts";
import { type Usage, usageFromWire } from "../usage.ts";
import { documentText, type RerankRequest } from "./request.ts";

const results = z.array(z.object({ index: z.number().int().min(0), relevance_score: z.number() }));

export class RerankReader extends GatheredReader<RerankRequest> {
  /** Sorted and cut here: engines differ in both. */
  answer(): string {
    const text = this.gathered.text();
    const value = answeredObject(text);
    const parsed = results.safeParse(value.results);
    if (!parsed.success) throw malformedAnswer(text.slice(0, 500));
    const usage = usageFromWire(value.usage) ?? estimateRerank(this.call);
    this.counted = usage;
    const sorted = parsed.data.sort((one, other) => other.relevance_score - one.relevance_score);
    return JSON.stringify({
      object: "list",
      model: this.modelId,
      results: sorted.slice(0, this.call.top_n ?? sorted.length).map((result) => this.#withDocument(result)),
      usage: { prompt_tokens: usage.promptTokens, total_tokens: usage.promptTokens },
    });
  }

  /** The engine computes a batch to its end, whoever waits for it. */
  protected override estimateWhenLeft(): Usage {
    return estimateRerank(this.call);
  }

  #withDocument(result: z.infer<typeof results>[number]): Record<string, unknown> {
    const document = this.call.documents[result.index];
    if (document === undefined) throw malformedAnswer(`There is no document ${result.index}.`);
    return this.call.return_documents ? { ...result, document: { text: documentText(document) } } : result;
  }
}

/** The query is read with each document. */
function estimateRerank({ query, documents }: RerankRequest): Usage {
  const queryTokens = estimatedTextTokens(query);
  const promptTokens = documents.reduce(
    (sum, document) => sum + queryTokens + estimatedTextTokens(documentText(document)),
    0,
  );
  return { promptTokens, cachedTokens: 0, completionTokens: 0, estimated: true };
}
