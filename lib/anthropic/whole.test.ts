import { describe, expect, it } from "vitest";
import { MessagesPlainReader } from "./plain.ts";
import { callWith, delta, end, role, toolCall } from "./testing/chat-stream.ts";
import { MessagesWholeReader } from "./whole.ts";

function whole(stream: string, stopSequences?: string[]) {
  const reader = new MessagesWholeReader(callWith(stopSequences), "m");
  for (const byte of Buffer.from(stream)) if (!reader.hasEnough) reader.push(Buffer.from([byte]));
  return { reader, answer: JSON.parse(reader.answer()) };
}

function plain(choice: object, stopSequences?: string[], usage?: object) {
  const reader = new MessagesPlainReader(callWith(stopSequences), "m");
  reader.push(Buffer.from(JSON.stringify({ id: "x", model: "other", choices: [choice], usage })));
  return { reader, answer: JSON.parse(reader.answer()) };
}

const call = (id: string, name: string, text: string) => ({
  id,
  type: "function",
  function: { name, arguments: text },
});

describe("MessagesWholeReader", () => {
  it("puts the blocks together", () => {
    const stream =
      role +
      delta({ reasoning_content: "h" }, 1) +
      delta({ reasoning_content: "m" }, 1) +
      delta({ content: "We" }, 2) +
      delta({ content: "ll." }, 2) +
      toolCall(0, "a", "weather", "{", '"city":"Ulm"}') +
      end("tool_calls");
    expect(whole(stream).answer).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "m",
      content: [
        { type: "thinking", thinking: "hm", signature: "" },
        { type: "text", text: "Well." },
        { type: "tool_use", id: "a", name: "weather", input: { city: "Ulm" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: {
        input_tokens: 9,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 4,
        output_tokens: 5,
      },
    });
  });

  it("leaves the input of a call empty that was cut", () => {
    const { answer } = whole(role + toolCall(0, "a", "weather", '{"ci') + end("length"));
    expect(answer).toMatchObject({ content: [{ name: "weather", input: {} }], stop_reason: "max_tokens" });
  });

  it("has enough with a stop sequence", () => {
    const { answer, reader } = whole(role + delta({ content: "one two" }, 3), [" two"]);
    expect(answer).toMatchObject({
      content: [{ text: "one" }],
      stop_reason: "stop_sequence",
      stop_sequence: " two",
      usage: { output_tokens: 3 },
    });
    expect(reader.usage()).toMatchObject({ promptTokens: 13, completionTokens: 3, estimated: false });
  });
});

describe("MessagesPlainReader", () => {
  it("says the same of an answer in one piece", () => {
    const message = {
      role: "assistant",
      reasoning_content: "hm",
      content: "Well.",
      tool_calls: [call("a", "weather", '{"city":"Ulm"}'), call("b", "time", "")],
    };
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    const { answer, reader } = plain({ message, finish_reason: "stop" }, [], usage);
    expect(answer).toMatchObject({
      model: "m",
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "Well." },
        { type: "tool_use", id: "a", input: { city: "Ulm" } },
        { type: "tool_use", id: "b", input: {} },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 7, cache_read_input_tokens: 0, output_tokens: 3 },
    });
    expect(reader.usage()).toMatchObject({ promptTokens: 7, estimated: false });
  });

  it("knows a stop sequence by the remote's word", () => {
    const choice = { message: { content: "a" }, finish_reason: "stop", stop_reason: "#" };
    expect(plain(choice, ["#"]).answer).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "#" });
    expect(plain({ ...choice, stop_reason: undefined }, ["#"]).answer).toMatchObject({
      stop_reason: "end_turn",
      stop_sequence: null,
    });
  });

  it("refuses what is no chat answer", () => {
    expect(() => plain({ text: "a" })).toThrow(/malformed/);
  });
});
