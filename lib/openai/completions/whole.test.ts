import { describe, expect, it } from "vitest";
import { completionRequest } from "./request.ts";
import { CompletionWholeReader } from "./whole.ts";

const usage = (written: number, prompt = 5) => ({
  completion_tokens: written,
  prompt_tokens: prompt,
  total_tokens: written + prompt,
  prompt_tokens_details: { cached_tokens: 4 },
});
const timings = (written: number, prompt = 5) => ({
  cache_n: 4,
  prompt_n: prompt - 4,
  predicted_n: written,
});
const event = (choice: object, extra: object = {}) =>
  `data: ${JSON.stringify({
    choices: [{ text: "", index: 0, logprobs: null, finish_reason: null, ...choice }],
    created: 7,
    model: "m.gguf",
    object: "text_completion",
    id: "chatcmpl-1",
    ...extra,
  })}\n\n`;
const token = (text: string, written: number, index = 0) =>
  event({ text, index }, { timings: timings(written) });
const end = (written: number, index = 0, prompt = 5) =>
  event({ index, finish_reason: "stop" }, { usage: usage(written, prompt), timings: timings(written) });
const progress = event({}, { timings: timings(0), prompt_progress: { total: 5, processed: 5 } });
const done = "data: [DONE]\n\n";

function gather(fields: object, ...events: string[]) {
  const reader = new CompletionWholeReader(completionRequest.parse({ prompt: "a", ...fields }), "ours");
  for (const text of events) reader.push(Buffer.from(text));
  return reader;
}

describe("CompletionWholeReader", () => {
  it("gathers the text as OpenAI would have answered", () => {
    const words = ["Say ", "hü", '"\\\n', "😀", " end"];
    const stream = [progress, ...words.map((word, at) => token(word, at + 1)), end(5), done];
    const answer = {
      id: "cmpl-1",
      object: "text_completion",
      created: 7,
      model: "ours",
      choices: [{ text: words.join(""), index: 0, logprobs: null, finish_reason: "stop" }],
      usage: usage(5),
    };
    expect(JSON.parse(gather({}, ...stream).answer())).toEqual(answer);
    const bytes = Buffer.from(stream.join(""));
    const cut = gather({});
    for (const byte of bytes) cut.push(Buffer.from([byte]));
    expect(JSON.parse(cut.answer())).toEqual(answer);
    expect(cut.usage()).toEqual({
      promptTokens: 5,
      cachedTokens: 4,
      completionTokens: 5,
      estimated: false,
    });
  });

  it("puts several choices in order, echoes the prompt, and adds up", () => {
    const fields = { prompt: ["one", "two"], n: 2, echo: true };
    const events = [token("x", 1, 3), token("y", 1, 0), token("z", 2, 3)];
    const ends = [end(2, 3, 6), end(1, 0), end(0, 2, 6), end(0, 1)];
    const reader = gather(fields, ...events, ...ends, done);
    const { choices, usage: total } = JSON.parse(reader.answer());
    expect(choices.map(({ index, text }: { index: number; text: string }) => [index, text])).toEqual([
      [0, "oney"],
      [1, "one"],
      [2, "two"],
      [3, "twoxz"],
    ]);
    expect(total).toEqual({
      prompt_tokens: 11,
      completion_tokens: 3,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 8 },
    });
  });

  it("gathers log probabilities", () => {
    const entry = (word: string, logprob: number) => ({ token: word, logprob });
    const logprobs = (word: string, logprob: number) => ({
      text: word,
      logprobs: { content: [{ ...entry(word, logprob), top_logprobs: [entry(word, logprob)] }] },
    });
    const events = [event(logprobs("b", -1)), event(logprobs("c", -2)), end(2), done];
    const [choice] = JSON.parse(gather({ logprobs: 1 }, ...events).answer()).choices;
    expect(choice.logprobs).toEqual({
      tokens: ["b", "c"],
      token_logprobs: [-1, -2],
      top_logprobs: [{ b: -1 }, { c: -2 }],
      text_offset: [1, 2],
    });
  });

  it("says what was used when the client leaves", () => {
    const reader = gather({}, progress, token("a", 1), token("b", 2));
    expect(reader.hasBegun).toBe(true);
    expect(reader.usageWhenLeft()).toMatchObject({
      promptTokens: 5,
      completionTokens: 2,
      estimated: false,
    });
    expect(gather({}, progress).hasBegun).toBe(false);
  });

  it.each([
    ["half an answer", [token("a", 1), token("b", 2)]],
    ["an error", ['data: {"error":{"code":500,"message":"broken","type":"server_error"}}\n\n']],
    ["text that is no JSON", [token("a", 1), token("a", 2).replace('"a"', '"\\x"'), done]],
  ])("does not give %s for a whole one", (_name, events) => {
    expect(() => gather({}, ...events).answer()).toThrow(expect.objectContaining({ status: 502 }));
  });
});
