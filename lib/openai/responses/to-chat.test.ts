import { describe, expect, it } from "vitest";
import { chatRequest } from "../chat/request.ts";
import { responsesCall } from "./call.ts";

/** Only what is set; it must be what a client of the chat endpoint may send as well. */
function chatOf(fields: object) {
  const { chat } = responsesCall.parse({ input: "hello", ...fields });
  expect(chatRequest.safeParse(chat).error).toBeUndefined();
  return JSON.parse(JSON.stringify(chat));
}
const messagesOf = (...input: object[]) => chatOf({ input }).messages;

const user = { role: "user", content: "hello" };
const call = (id: string) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "f",
  arguments: "{}",
});
const output = (id: string) => ({ type: "function_call_output", call_id: id, output: "42" });
const thought = (text: string) => ({
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "It thought." }],
  content: [{ type: "reasoning_text", text }],
});
const said = {
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: "hi", annotations: [] }],
};
const toolCall = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const toolMessage = (id: string) => ({ role: "tool", content: "42", tool_call_id: id });

describe("input", () => {
  it("of text is a message of the user, after the instructions", () => {
    expect(chatOf({}).messages).toEqual([user]);
    expect(chatOf({ instructions: "Be brief." }).messages).toEqual([
      { role: "system", content: "Be brief." },
      user,
    ]);
  });

  it("has one system message at its beginning, whoever writes it", () => {
    const developer = { role: "developer", content: [{ type: "input_text", text: "Rhyme." }] };
    expect(chatOf({ instructions: "Be brief.", input: [developer, user, developer] }).messages).toEqual([
      { role: "system", content: "Be brief.\n\nRhyme." },
      user,
      { role: "system", content: "Rhyme." },
    ]);
  });

  it("may hold images and sounds", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "original" };
    const audio = { type: "input_audio", input_audio: { data: "AA==", format: "wav" } };
    const text = { type: "input_text", text: "What is it?" };
    expect(messagesOf({ role: "user", content: [text, image, audio] })).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "high" } },
          audio,
        ],
      },
    ]);
    expect(messagesOf({ role: "user", content: [text] })).toEqual([{ role: "user", content: "What is it?" }]);
  });

  it("makes one message of all that a model did in one turn", () => {
    expect(
      messagesOf(user, thought("hm"), said, call("1"), call("2"), output("1"), output("2"), call("3")),
    ).toEqual([
      user,
      {
        role: "assistant",
        reasoning_content: "hm",
        content: "hi",
        tool_calls: [toolCall("1"), toolCall("2")],
      },
      toolMessage("1"),
      toolMessage("2"),
      { role: "assistant", tool_calls: [toolCall("3")] },
    ]);
  });

  it("keeps what a model said twice apart, and drops reasoning that nothing came of", () => {
    const refused = { role: "assistant", content: [{ type: "refusal", refusal: "No." }] };
    expect(messagesOf(user, said, refused, thought("a"), thought("b"), call("1"))).toEqual([
      user,
      { role: "assistant", content: "hi" },
      { role: "assistant", content: "No." },
      { role: "assistant", reasoning_content: "a\nb", tool_calls: [toolCall("1")] },
    ]);
    expect(messagesOf(thought("hm"), user, { type: "reasoning", id: "1", summary: [] })).toEqual([user]);
  });
});

it("names everything as chat does", () => {
  const schema = { type: "object" };
  const chat = chatOf({
    model: "m",
    stream: true,
    max_output_tokens: 7,
    seed: 3,
    tools: [{ type: "function", name: "f", description: "d", parameters: schema, strict: true }],
    tool_choice: { type: "function", name: "f" },
    text: { format: { type: "json_schema", name: "n", schema, strict: true } },
    reasoning: { effort: "low" },
    include: ["message.output_text.logprobs"],
    top_logprobs: 2,
    user: "u",
  });
  expect(chat).toEqual({
    model: "m",
    stream: true,
    messages: [user],
    max_completion_tokens: 7,
    seed: 3,
    tools: [
      { type: "function", function: { name: "f", description: "d", parameters: schema, strict: true } },
    ],
    tool_choice: { type: "function", function: { name: "f" } },
    response_format: { type: "json_schema", json_schema: { name: "n", schema, strict: true } },
    reasoning_effort: "low",
    logprobs: true,
    top_logprobs: 2,
  });
});
