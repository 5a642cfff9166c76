import { describe, expect, it } from "vitest";
import type { ChatRequest } from "./request.ts";
import { ChatWholeReader } from "./whole.ts";

const call: ChatRequest = { messages: [{ role: "user", content: "hello" }] };
const head = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 7,
  model: "m",
  system_fingerprint: "b1",
};
const usage = {
  completion_tokens: 2,
  prompt_tokens: 32,
  total_tokens: 34,
  prompt_tokens_details: { cached_tokens: 0 },
};
const event = (fields: object) => `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
const delta = (value: object, finish: string | null = null, index = 0, extra: object = {}) =>
  event({ choices: [{ index, delta: value, finish_reason: finish, ...extra }] });
const end = `${event({ choices: [], usage, timings: { cache_n: 0, prompt_n: 32, predicted_n: 2 } })}data: [DONE]\n\n`;

function gather(stream: string, request = call) {
  const reader = new ChatWholeReader(request);
  for (const byte of Buffer.from(stream)) reader.push(Buffer.from([byte]));
  return JSON.parse(reader.answer());
}

describe("ChatWholeReader", () => {
  it("gathers text as OpenAI would have answered", () => {
    const stream =
      delta({ role: "assistant", content: null }) + delta({ content: "Hel" }) + delta({ content: "lö" });
    expect(gather(stream + delta({}, "stop") + end)).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 7,
      model: "m",
      system_fingerprint: "b1",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hellö", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage,
    });
  });

  it("puts tool calls together from their pieces", () => {
    const pieces = [
      { index: 0, id: "call_1", type: "function", function: { name: "weather", arguments: "" } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 1, id: "call_2", type: "function", function: { name: "time", arguments: "{}" } },
      { index: 0, function: { arguments: '"Ulm"}' } },
    ];
    const stream =
      pieces.map((piece) => delta({ tool_calls: [piece] })).join("") + delta({}, "tool_calls") + end;
    const [choice] = gather(stream).choices;
    expect(choice.message.content).toBeNull();
    expect(choice.finish_reason).toBe("tool_calls");
    expect(choice.message.tool_calls).toEqual([
      { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Ulm"}' } },
      { id: "call_2", type: "function", function: { name: "time", arguments: "{}" } },
    ]);
  });

  it("keeps reasoning, logprobs and several choices apart", () => {
    const logprob = (token: string) => ({ logprobs: { content: [{ token, logprob: -1 }] } });
    const stream =
      delta({ reasoning_content: "hm" }) +
      delta({ content: "b" }, "length", 1) +
      delta({ content: "a" }, null, 0, logprob("a")) +
      delta({ content: "c" }, "stop", 0, logprob("c"));
    const { choices } = gather(stream + end, { ...call, n: 2 });
    expect(choices[0].message).toMatchObject({ content: "ac", reasoning_content: "hm" });
    expect(choices[0].logprobs.content).toHaveLength(2);
    expect(choices[1]).toMatchObject({ index: 1, finish_reason: "length", message: { content: "b" } });
  });

  it("does not give half an answer for a whole one", () => {
    expect(() => gather(delta({ content: "Hel" }))).toThrow(/ended while/);
  });

  it("turns an engine's error event into an error", () => {
    expect(() =>
      gather('data: {"error":{"code":500,"message":"Failed to parse input","type":"server_error"}}\n\n'),
    ).toThrow(/Failed to parse/);
  });

  it.each([
    'event: error\ndata: {"message":"/srv/models is gone"}\n\n',
    `event: error\n${delta({ content: "a" })}`,
    "event: error\n\n",
  ])("takes the event %j for an error, and masks it", (event) => {
    expect(() => gather(delta({ content: "Hel" }) + event + end)).toThrow(
      "The engine behind this model failed on this request.",
    );
  });

  it.each(["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r\n"])("takes %j for the end", (last) => {
    const stream = (delta({ content: "Hel" }) + end).replace("data: [DONE]\n\n", last);
    expect(gather(stream).choices[0].message.content).toBe("Hel");
  });

  it("counts what came, without roles, ends and what broke off", () => {
    const reader = new ChatWholeReader(call);
    reader.push(Buffer.from(delta({ role: "assistant", content: null })));
    expect(reader.hasBegun).toBe(false);
    expect(reader.usage()).toMatchObject({ completionTokens: 0, estimated: true });
    const last = delta({ content: "c" }).trimEnd();
    reader.push(Buffer.from(delta({ content: "a" }) + delta({ reasoning_content: "b" }) + delta({}, "stop")));
    reader.push(Buffer.from(last));
    expect(reader.hasBegun).toBe(true);
    expect(() => reader.answer()).toThrow(/ended while/);
    expect(reader.usage()).toMatchObject({ completionTokens: 3, estimated: true });
  });

  it("takes null members of the usage for absent ones", () => {
    const counts = { prompt_tokens: 32, completion_tokens: 2, total_tokens: 34 };
    const chunk = event({ choices: [], usage: { ...counts, prompt_tokens_details: null } });
    expect(gather(`${delta({ content: "a" })}${chunk}data: [DONE]\n\n`).usage).toEqual({
      ...counts,
      prompt_tokens_details: { cached_tokens: 0 },
    });
  });
});
