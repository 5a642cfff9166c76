import { describe, expect, it } from "vitest";
import { parseCall } from "../../gateway/read-call.ts";
import { choiceCount, completionBounds, completionRequest, promptTextOf } from "./request.ts";

const parse = (body: object) => parseCall(JSON.stringify(body), completionRequest, completionBounds);
const refused = (param: string) => expect.objectContaining({ status: 400, options: { param } });

describe("the prompt of a completions request", () => {
  it.each([
    ["a text", "hello"],
    ["nothing", ""],
    ["texts", ["hello", ""]],
    ["token ids", [1, 2, 3]],
    ["lists of token ids", [[1, 2], [3]]],
    ["64 texts", Array(64).fill("a")],
    ["as many token ids as a long context holds", Array(200_000).fill(7)],
  ])("may be %s", (_name, prompt) => {
    expect(parse({ prompt }).prompt).toEqual(prompt);
  });

  it.each([
    ["prompt", undefined],
    ["prompt", []],
    ["prompt", 3],
    ["prompt[1]", ["a", [1]]],
    ["prompt[1]", [1, "a"]],
    ["prompt[1]", [1, -1]],
    ["prompt[1]", [[1], []]],
    ["prompt[0]", [{ prompt_string: "a" }]],
    ["prompt", { prompt_string: "a" }],
    ["prompt", Array(65).fill("a")],
  ])("is refused, with %s named, where it is not", (param, prompt) => {
    expect(() => parse({ prompt })).toThrow(refused(param));
    expect(() => parse({ prompt, echo: true })).toThrow(refused(param));
  });
});

describe("max_tokens", () => {
  const tokens = (fields: object) => parse({ prompt: "a", ...fields }).max_tokens;

  it("is OpenAI's 16 where the client gives none", () => {
    expect(tokens({})).toBe(16);
    expect(tokens({ max_tokens: null })).toBe(16);
    expect(tokens({ max_tokens: 7 })).toBe(7);
  });

  it("of -1 sets no bound, and of 0 is refused", () => {
    expect(tokens({ max_tokens: -1 })).toBeNull();
    for (const max_tokens of [0, -2, 1.5, "7"])
      expect(() => tokens({ max_tokens })).toThrow(refused("max_tokens"));
  });
});

it.each([
  ["best_of", { best_of: 2 }],
  ["best_of", { best_of: 1, n: 2 }],
  ["suffix", { suffix: "end" }],
  ["echo", { echo: true, logprobs: 0 }],
  ["echo", { echo: true, prompt: [1] }],
  ["echo", { echo: true, prompt: [[1]] }],
  ["logprobs", { logprobs: 6 }],
  ["logprobs", { logprobs: true }],
  ["n", { n: 17 }],
  ["temperature", { temperature: 3 }],
  ["logit_bias", { logit_bias: Object.fromEntries(Array.from({ length: 301 }, (_, id) => [id, 1])) }],
])("%s is refused in %j", (param, fields) => {
  expect(() => parse({ prompt: "a", ...fields })).toThrow(refused(param));
});

it("takes what asks for nothing, and drops what it does not know", () => {
  const nothing = { best_of: 2, n: 2, suffix: null, echo: false, logprobs: null, stop: null, seed: null };
  const call = parse({ prompt: "a", ...nothing, user: "me", grammar: "root ::= x", cache_prompt: false });
  expect(call).toEqual({ prompt: "a", max_tokens: 16, ...nothing });
});

it("knows which prompt a choice goes on from", () => {
  const call = parse({ prompt: ["a", "b"], n: 2 });
  expect(choiceCount(call)).toBe(4);
  expect([0, 1, 2, 3].map((index) => promptTextOf(call, index))).toEqual(["a", "a", "b", "b"]);
  expect(choiceCount(parse({ prompt: [1, 2, 3] }))).toBe(1);
  expect(promptTextOf(parse({ prompt: [1, 2, 3] }), 0)).toBe("");
});
