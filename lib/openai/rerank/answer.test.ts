import { describe, expect, it } from "vitest";
import { RerankReader } from "./answer.ts";

const engine = {
  results: [
    { index: 0, relevance_score: 0.1 },
    { index: 1, relevance_score: 0.9 },
    { index: 2, relevance_score: 0.5 },
  ],
  usage: { prompt_tokens: 12, total_tokens: 12 },
};
const documents = ["a", { text: "b" }, "c"];

function read(answer: unknown, call: object = {}): RerankReader {
  const reader = new RerankReader({ query: "q", documents, ...call }, "m");
  reader.push(Buffer.from(JSON.stringify(answer)));
  return reader;
}

describe("RerankReader", () => {
  it("puts the most relevant first", () => {
    const reader = read(engine);
    expect(JSON.parse(reader.answer())).toEqual({
      object: "list",
      model: "m",
      results: [engine.results[1], engine.results[2], engine.results[0]],
      usage: { prompt_tokens: 12, total_tokens: 12 },
    });
    expect(reader.usage()).toMatchObject({ promptTokens: 12, completionTokens: 0, estimated: false });
  });

  it("gives as many as are asked for, with their texts", () => {
    const { results } = JSON.parse(read(engine, { top_n: 1, return_documents: true }).answer());
    expect(results).toEqual([{ index: 1, relevance_score: 0.9, document: { text: "b" } }]);
  });

  it("takes a document that was not sent for a broken engine", () => {
    const results = [{ index: 3, relevance_score: 1 }];
    expect(() => read({ results }).answer()).toThrow(expect.objectContaining({ code: "engine_crashed" }));
  });
});
