import { describe, expect, it } from "vitest";
import { EmbeddingsReader } from "./answer.ts";

const engine = {
  object: "list",
  model: "m",
  data: [
    { object: "embedding", index: 0, embedding: [3, 4, 12] },
    { object: "embedding", index: 1, embedding: [0, 0, 1] },
  ],
  usage: { prompt_tokens: 7, total_tokens: 7 },
};

function read(answer: unknown, call: object = {}, modelId = "m"): EmbeddingsReader {
  const reader = new EmbeddingsReader({ input: ["one", "two"], ...call }, modelId);
  reader.push(Buffer.from(JSON.stringify(answer)));
  return reader;
}

describe("EmbeddingsReader", () => {
  it("passes the very bytes on, and counts what the engine says", () => {
    const reader = read(engine);
    expect(reader.answer()).toBe(JSON.stringify(engine));
    expect(reader.usage()).toMatchObject({ promptTokens: 7, completionTokens: 0, estimated: false });
  });

  it("says the gateway's name of the model", () => {
    expect(JSON.parse(read(engine, {}, "ours").answer())).toEqual({ ...engine, model: "ours" });
  });

  it("shortens vectors to the length of one", () => {
    const { data } = JSON.parse(read(engine, { dimensions: 2 }).answer());
    expect(data.map(({ embedding }: { embedding: number[] }) => embedding)).toEqual([
      [0.6, 0.8],
      [0, 0],
    ]);
  });

  it("gives shortened vectors in base64 where that is asked for", () => {
    const { data } = JSON.parse(read(engine, { dimensions: 2, encoding_format: "base64" }).answer());
    const bytes = Buffer.from(data[0].embedding, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });

  it("refuses more dimensions than the model has", () => {
    expect(() => read(engine, { dimensions: 4 }).answer()).toThrow(
      expect.objectContaining({ status: 400, options: { param: "dimensions" } }),
    );
  });

  it("estimates where the engine gives no count, and what a client owes that leaves", () => {
    const silent = { ...engine, usage: undefined };
    const reader = read(silent, { input: ["12345678", "1234"] });
    reader.answer();
    expect(reader.usage()).toMatchObject({ promptTokens: 3, estimated: true });
    const left = new EmbeddingsReader({ input: [[1, 2], [3]] }, "m");
    expect(left.usage()).toMatchObject({ promptTokens: 0 });
    expect(left.usageWhenLeft()).toMatchObject({ promptTokens: 3, estimated: true });
  });

  it.each([
    ["no JSON", "<html>"],
    ["no vectors", "{}"],
    ["no object", "3"],
  ])("takes %s for a broken engine", (_name, text) => {
    const reader = new EmbeddingsReader({ input: "a" }, "m");
    reader.push(Buffer.from(text));
    expect(() => reader.answer()).toThrow(expect.objectContaining({ code: "engine_crashed" }));
  });
});
