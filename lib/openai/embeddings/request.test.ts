import { describe, expect, it } from "vitest";
import { parseCall } from "../../gateway/read-call.ts";
import { embeddingsBounds, embeddingsRequest } from "./request.ts";

const parse = (body: unknown) => parseCall(JSON.stringify(body), embeddingsRequest, embeddingsBounds);

describe("the input of an embeddings request", () => {
  it.each([
    ["a text", "hello"],
    ["texts", ["hello", "world"]],
    ["token ids", [1, 2, 3]],
    ["lists of token ids", [[1, 2], [3]]],
    ["as many token ids as OpenAI takes", Array(300_000).fill(7)],
  ])("may be %s", (_name, input) => {
    expect(parse({ input }).input).toEqual(input);
  });

  it.each([
    ["input", ""],
    ["input", []],
    ["input", 3],
    ["input", null],
    ["input[1]", ["a", ""]],
    ["input[1]", ["a", 3]],
    ["input[0].type", [{ text: "a" }]],
    ["input[1]", [1, -1]],
    ["input[1]", [1, 1.5]],
    ["input[0]", [2 ** 31]],
    ["input[1]", [[1], []]],
    ["input[1][0]", [[1], ["a"]]],
    ["input", Array(2_049).fill("a")],
  ])("is refused, with %s named, where it is not", (param, input) => {
    expect(() => parse({ input })).toThrow(expect.objectContaining({ status: 400, options: { param } }));
  });

  it("is refused at once where it is far too long", () => {
    const startedMs = performance.now();
    expect(() => parse({ input: Array(2_000_000).fill(1) })).toThrow("at most");
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
