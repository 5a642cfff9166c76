import { describe, expect, it } from "vitest";
import { tokenText, tokenTimings } from "./token-event.ts";

const tail = '"created":7,"id":"chatcmpl-1","model":"m","object":"chat.completion.chunk"';
const timings = { cache_n: 0, prompt_n: 3, predicted_n: 2 };
const event = (choice: string, rest = "") => Buffer.from(`data: {"choices":[${choice}],${tail}${rest}}\n\n`);
const token = (content: string, index = 0, finish = "null") =>
  event(`{"finish_reason":${finish},"index":${index},"delta":{"content":${JSON.stringify(content)}}}`);

describe("tokenText", () => {
  it.each(["Hello", "", 'a "quoted" \\ line\n', "ü 日本 🙂", '"}}],"created":', '"}}],\\"created\\":'])(
    "gives the text %j of an event as JSON would",
    (content) => expect(tokenText(token(content))).toBe(content),
  );

  it.each([
    ["another choice", token("x", 1)],
    ["an end", token("x", 0, '"stop"')],
    ["a role", event('{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}')],
    ["logprobs", event('{"finish_reason":null,"index":0,"delta":{"content":"x"},"logprobs":{"content":[]}}')],
    [
      "text and reasoning",
      event('{"finish_reason":null,"index":0,"delta":{"content":"a","reasoning_content":"b"}}'),
    ],
    [
      "escaped text and reasoning",
      event('{"finish_reason":null,"index":0,"delta":{"content":"\\n","reasoning_content":"b"}}'),
    ],
    ["a tool call", event('{"finish_reason":null,"index":0,"delta":{"tool_calls":[]}}')],
    ["the end", Buffer.from("data: [DONE]\n\n")],
  ])("leaves %s to be parsed", (_what, bytes) => expect(tokenText(bytes)).toBeNull());
});

describe("tokenTimings", () => {
  it("reads the counts behind the text", () => {
    const bytes = event(
      '{"finish_reason":null,"index":0,"delta":{"content":"x"}}',
      `,"timings":${JSON.stringify(timings)}`,
    );
    expect(tokenTimings(bytes)).toEqual(timings);
    expect(tokenTimings(token("x"))).toBeUndefined();
  });

  it("finds none behind what is no JSON", () => {
    const bytes = event('{"finish_reason":null,"index":0,"delta":{"content":"x"}}', ',"timings":{');
    expect(tokenText(bytes)).toBe("x");
    expect(tokenTimings(bytes)).toBeUndefined();
  });
});
