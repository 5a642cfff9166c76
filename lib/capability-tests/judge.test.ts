import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  judgeAudio,
  judgeImage,
  judgeImageVectors,
  judgeJson,
  judgeRanking,
  judgeReasoning,
  judgeToolCall,
  judgeTranscription,
  judgeVectors,
} from "./judge.ts";

const chat = (message: object, finish_reason = "stop") => ({ choices: [{ message, finish_reason }] });
const call = (name: string, text: string) =>
  chat({ content: null, tool_calls: [{ function: { name, arguments: text } }] });
const city = z.object({ city: z.string() });
const usage = (promptTokens: number) => ({
  promptTokens,
  cachedTokens: 0,
  completionTokens: 1,
  estimated: false,
});

describe("a call", () => {
  const judge = (answer: unknown) => judgeToolCall(answer, "look", city);

  it("works when it is the one that was offered, with what its schema asks for", () => {
    expect(judge(call("look", '{"city":"Paris"}'))).toEqual({
      works: true,
      detail: `It called look with '{"city":"Paris"}'.`,
    });
  });

  it.each([
    [call("other", "{}"), /other with '\{\}', which it was not offered/],
    [call("look", '{"town":1}'), /not what the schema asks for/],
    [call("look", '{"city":'), /not what the schema asks for/],
    [chat({ content: "I would  look\nat Paris" }), /^It called nothing, but said 'I would look at Paris'\.$/],
    [chat({ content: "", reasoning_content: "Hmm" }, "length"), /said 'Hmm', cut at the limit/],
    [chat({ content: "" }), /said nothing/],
    [{ error: "no" }, /cannot be read: '\{"error":"no"\}'/],
  ])("does not work otherwise, and it is said what came: %j", (answer, words) => {
    expect(judge(answer)).toEqual({ works: false, detail: expect.stringMatching(words) });
  });
});

it("JSON has to keep to the schema", () => {
  expect(judgeJson(chat({ content: '{"city":"Rome"}' }), city).works).toBe(true);
  expect(judgeJson(chat({ content: '{"city":1}' }), city).works).toBe(false);
  expect(
    judgeJson(chat({ content: `{"city":"${"x".repeat(500)}` }, "length"), city).detail.length,
  ).toBeLessThan(260);
});

it("thoughts have to come apart from the answer", () => {
  expect(judgeReasoning(chat({ content: "391", reasoning_content: "17 times 23" })).works).toBe(true);
  expect(judgeReasoning(chat({ content: "<think>17 times 23</think>391" })).works).toBe(false);
  expect(judgeReasoning(chat({ content: "391", reasoning_content: " " })).works).toBe(false);
});

it("a picture was seen when its colour is named", () => {
  expect(judgeImage(chat({ content: "It is Blue." }), usage(70), "blue").works).toBe(true);
  expect(judgeImage(chat({ content: "bluebell" }), usage(70), "blue")).toEqual({
    works: false,
    detail: expect.stringMatching(/70 tokens.*which is blue, said 'bluebell'/),
  });
});

it("a sound was heard when it took tokens", () => {
  expect(judgeAudio(chat({ content: "a tone" }), usage(40), 20)).toMatchObject({ works: true });
  expect(judgeAudio(chat({ content: "a tone" }), usage(20), 20)).toMatchObject({ works: false });
  expect(judgeTranscription({ text: "hm" })).toMatchObject({ works: true });
  expect(judgeTranscription({ texts: [] })).toMatchObject({ works: false });
});

describe("vectors", () => {
  const data = (...rows: number[][]) => ({ data: rows.map((embedding) => ({ embedding })) });

  it("of two texts that mean the same are closer than of another, whatever their length", () => {
    expect(judgeVectors(data([1, 0], [3, 1], [0, 1]))).toEqual({
      works: true,
      detail: "Vectors of 2 numbers; closeness: 0.95 for two that mean the same, 0.00 for another.",
    });
    expect(judgeVectors(data([1, 0], [0, 1], [1, 0])).works).toBe(false);
  });

  it.each([
    [data([1, 0], [1], [1, 0]), /differ in length/],
    [data([0, 0], [1, 0], [1, 0]), /are empty/],
    [{ data: [] }, /cannot be read/],
  ])("that are none: %j", (answer, words) => {
    expect(judgeVectors(answer)).toEqual({ works: false, detail: expect.stringMatching(words) });
  });

  it("of a picture have the length of a text's", () => {
    expect(judgeImageVectors(data([1, 0], [1, 2])).works).toBe(true);
    expect(judgeImageVectors(data([1, 0], [1, 2, 3])).works).toBe(false);
    expect(judgeImageVectors(data([1, 0], [0, 0])).works).toBe(false);
  });
});

it("a ranking is right when the document that answers is first", () => {
  const results = [
    { index: 1, relevance_score: 0.9 },
    { index: 0, relevance_score: 0.1 },
  ];
  expect(judgeRanking({ results }, 1)).toMatchObject({
    works: true,
    detail: expect.stringContaining("1: 0.900, 0: 0.100"),
  });
  expect(judgeRanking({ results }, 0).works).toBe(false);
});
