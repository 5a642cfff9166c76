import { describe, expect, it } from "vitest";
import { ResponseOutput } from "./output.ts";
import { ResponseFrame } from "./response.ts";
import { callOf, delta, done, end, type WireResponse, whole } from "./testing.ts";
import { ResponsesPlainReader } from "./whole.ts";

const answer = {
  id: "chatcmpl-1",
  model: "path/of/m",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: "I look.",
        reasoning: "hm",
        tool_calls: [
          { id: "a", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "b", type: "function", function: { name: "g", arguments: "{}" } },
        ],
      },
      finish_reason: "tool_calls",
    },
  ],
  usage: { prompt_tokens: 5, completion_tokens: 7, completion_tokens_details: { reasoning_tokens: 2 } },
};

function plain(text: string): WireResponse {
  const reader = new ResponsesPlainReader(callOf(), "m");
  reader.push(Buffer.from(text));
  return JSON.parse(reader.answer());
}

it("is what the SDK's types say", () => {
  const frame = new ResponseFrame(callOf().request, "m");
  const output = new ResponseOutput(frame.idStem, () => {});
  const response = frame.finished(
    output,
    { promptTokens: 1, cachedTokens: 0, completionTokens: 1, estimated: false },
    null,
  );
  // The SDK makes `output_text` itself; what the client sent of a format's description comes back as it is.
  type Own = Omit<WireResponse, "output_text" | "text" | "output">;
  const own: Own = { ...response, usage: response.usage ?? undefined };
  expect(own.id).toMatch(/^resp_\w{32}$/);
});

it("repeats what was asked for, and says what holds instead of what cannot be had", () => {
  const tool = { type: "function", name: "f", parameters: { type: "object" } };
  const response = whole(delta({ content: "a" }) + end(), {
    instructions: "Be brief.",
    max_output_tokens: 9,
    metadata: { a: "b" },
    parallel_tool_calls: false,
    prompt_cache_key: "k",
    reasoning: { effort: "low", summary: "auto" },
    safety_identifier: "s",
    service_tier: "flex",
    store: true,
    temperature: 0.5,
    text: { format: { type: "json_object" }, verbosity: "low" },
    tool_choice: { type: "function", name: "f" },
    tools: [tool],
    top_p: 0.9,
    truncation: "auto",
    user: "u",
  });
  expect(response).toMatchObject({
    object: "response",
    model: "m",
    background: false,
    instructions: "Be brief.",
    max_output_tokens: 9,
    metadata: { a: "b" },
    parallel_tool_calls: false,
    previous_response_id: null,
    prompt_cache_key: "k",
    reasoning: { effort: "low", summary: null },
    safety_identifier: "s",
    service_tier: "default",
    store: false,
    temperature: 0.5,
    text: { format: { type: "json_object" }, verbosity: "low" },
    tool_choice: { type: "function", name: "f" },
    tools: [{ ...tool, strict: null }],
    top_p: 0.9,
    truncation: "disabled",
    user: "u",
  });
});

it("says what holds where nothing was asked for", () => {
  expect(whole(delta({ content: "a" }) + end())).toMatchObject({
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    parallel_tool_calls: true,
    reasoning: { effort: null, summary: null },
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: null,
  });
});

describe("from an answer in one piece", () => {
  it("has all that was in it", () => {
    const response = plain(JSON.stringify(answer));
    expect(response).toMatchObject({
      model: "m",
      status: "completed",
      output: [
        { type: "reasoning", content: [{ type: "reasoning_text", text: "hm" }] },
        { type: "message", content: [{ type: "output_text", text: "I look." }] },
        { type: "function_call", call_id: "a", name: "f" },
        { type: "function_call", call_id: "b", name: "g" },
      ],
      usage: { input_tokens: 5, output_tokens: 7, output_tokens_details: { reasoning_tokens: 2 } },
    });
  });

  it.each(["<html>", "{}", '{"choices":[]}', '{"choices":[{"text":"a"}]}', "null"])(
    "of %s is the engine's fault",
    (text) => expect(() => plain(text)).toThrow(/malformed/),
  );
});

it("from a stream without its end is the engine's fault", () => {
  expect(() => whole(delta({ content: "a" }, "stop"))).toThrow(/ended while/);
  expect(whole(delta({ content: "a" }) + done).output).toHaveLength(1);
});
