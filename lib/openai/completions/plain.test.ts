import { describe, expect, it } from "vitest";
import { CompletionPlainReader } from "./plain.ts";
import { completionRequest } from "./request.ts";

const usage = { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 };
const choice = (text: string, index = 0) => ({ text, index, logprobs: null, finish_reason: "stop" });
const answer = {
  id: "cmpl-1",
  object: "text_completion",
  created: 7,
  model: "/srv/m",
  choices: [choice(" hello"), choice(" there", 1)],
  usage,
};

function read(value: unknown, fields: object = {}): CompletionPlainReader {
  const reader = new CompletionPlainReader(
    completionRequest.parse({ prompt: ["12345678", "1234"], ...fields }),
    "ours",
  );
  reader.push(Buffer.from(JSON.stringify(value)));
  return reader;
}

describe("CompletionPlainReader", () => {
  it("passes the answer on under the gateway's name, with what the engine counts of all choices", () => {
    const reader = read({ ...answer, provider: "x" });
    expect(JSON.parse(reader.answer())).toEqual({
      ...answer,
      model: "ours",
      provider: "x",
      usage: { ...usage, prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(reader.usage()).toMatchObject({ promptTokens: 7, completionTokens: 4, estimated: false });
  });

  it("echoes the prompt", () => {
    const { choices } = JSON.parse(read(answer, { echo: true }).answer());
    expect(choices.map(({ text }: { text: string }) => text)).toEqual(["12345678 hello", "1234 there"]);
  });

  it("estimates where nobody counts, or one choice alone is counted, and when the client leaves", () => {
    for (const value of [
      { ...answer, usage: undefined },
      { ...answer, timings: { predicted_n: 4 } },
    ]) {
      const reader = read(value);
      expect(reader.usageWhenLeft()).toMatchObject({ promptTokens: 3, completionTokens: 0, estimated: true });
      expect(JSON.parse(reader.answer())).not.toHaveProperty("timings");
      expect(reader.usage()).toMatchObject({ promptTokens: 3, completionTokens: 4, estimated: true });
    }
    const single = read({ ...answer, timings: {} }, { prompt: "one" });
    single.answer();
    expect(single.usage()).toMatchObject({ promptTokens: 7, completionTokens: 4, estimated: false });
  });

  it("gives log probabilities in this API's shape", () => {
    const content = [{ token: " hello", logprob: -1, top_logprobs: [{ token: " hello", logprob: -1 }] }];
    const chatLike = { ...answer, choices: [{ ...choice(" hello"), logprobs: { content } }] };
    const { choices } = JSON.parse(read(chatLike, { prompt: "abc", logprobs: 1 }).answer());
    expect(choices[0].logprobs).toMatchObject({ tokens: [" hello"], text_offset: [3] });
  });

  it.each([["no JSON"], [{}], [{ choices: [3] }], [3], [{ error: { message: "broken" } }]])(
    "takes %j for a broken engine",
    (value) => {
      expect(() => read(value).answer()).toThrow(expect.objectContaining({ code: "engine_crashed" }));
    },
  );
});
