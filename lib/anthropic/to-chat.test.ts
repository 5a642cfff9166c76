import { describe, expect, it } from "vitest";
import { wrongValue } from "../wrong-value.ts";
import { messagesRequest } from "./request.ts";
import { messagesCall } from "./to-chat.ts";

const hello = { role: "user", content: "hello" };
const parse = (fields: object) =>
  messagesRequest.safeParse({ model: "m", max_tokens: 9, messages: [hello], ...fields });

function chat(fields: object) {
  const { data, error } = parse(fields);
  if (error) throw error;
  return messagesCall(data).chat;
}

function refusal(fields: object): string {
  const { error } = parse(fields);
  return error ? wrongValue(error).message : "accepted";
}

const text = (content: string) => ({ type: "text", text: content, cache_control: { type: "ephemeral" } });
const png = { type: "base64", media_type: "image/png", data: "iVBO" };
const image = { type: "image", source: png };
const imagePart = { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } };
const withUser = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const withAssistant = (...content: object[]) => ({ messages: [hello, { role: "assistant", content }] });

describe("messages", () => {
  it("begin with the system prompt, as text or as blocks", () => {
    expect(chat({ system: "Be kind." }).messages).toEqual([{ role: "system", content: "Be kind." }, hello]);
    expect(chat({ system: [text("Be"), text("kind.")] }).messages[0]).toMatchObject({ content: "Be\nkind." });
    for (const system of [undefined, "", [], null]) expect(chat({ system }).messages).toEqual([hello]);
  });

  it("of one role in a row are one turn; one of the system stands where it stood", () => {
    const messages = [hello, { role: "user", content: [text("again")] }, { role: "system", content: "Hm." }];
    expect(chat({ messages: [...messages, hello] }).messages).toEqual([
      { role: "user", content: "hello\nagain" },
      { role: "system", content: "Hm." },
      hello,
    ]);
  });

  it("keep texts and images in their order", () => {
    expect(chat(withUser(text("a"), image, text("b"))).messages).toEqual([
      {
        role: "user",
        content: [{ type: "text", text: "a" }, imagePart, { type: "text", text: "b" }],
      },
    ]);
  });

  it("of an assistant carry its thoughts and its calls", () => {
    const { messages } = chat(
      withAssistant(
        { type: "thinking", thinking: "hm", signature: "x" },
        { type: "redacted_thinking", data: "abc" },
        text("Let me "),
        text("look."),
        { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Ulm" }, caller: {} },
      ),
    );
    expect(messages[1]).toEqual({
      role: "assistant",
      content: "Let me look.",
      reasoning_content: "hm",
      tool_calls: [
        { id: "toolu_1", type: "function", function: { name: "weather", arguments: '{"city":"Ulm"}' } },
      ],
    });
    const silent = chat(withAssistant({ type: "tool_use", id: "1", name: "now", input: {} }));
    expect(silent.messages[1]).toMatchObject({ content: null, tool_calls: [{ id: "1" }] });
    expect(chat(withAssistant({ type: "redacted_thinking", data: "x" })).messages[1]).toMatchObject({
      content: "",
    });
  });

  it("of what tools answered come first, each by itself, and its images after them", () => {
    const { messages } = chat(
      withUser(
        text("Here:"),
        { type: "tool_result", tool_use_id: "1", content: [text("a"), image, text("b")] },
        { type: "tool_result", tool_use_id: "2", content: "none", is_error: true },
        { type: "tool_result", tool_use_id: "3" },
      ),
    );
    expect(messages).toEqual([
      { role: "tool", tool_call_id: "1", content: "a\nb" },
      { role: "tool", tool_call_id: "2", content: "none" },
      { role: "tool", tool_call_id: "3", content: "" },
      { role: "user", content: [{ type: "text", text: "Here:" }, imagePart] },
    ]);
  });
});

describe("parameters", () => {
  it("have their counterparts in a chat; others are dropped", () => {
    const fields = { temperature: 1, top_p: 0.5, top_k: 20, stream: true, stop_sequences: ["#"] };
    const { messages: _messages, ...rest } = chat({ ...fields, metadata: { user_id: "1" }, container: "x" });
    expect(JSON.parse(JSON.stringify(rest))).toEqual({
      model: "m",
      max_tokens: 9,
      temperature: 1,
      top_p: 0.5,
      top_k: 20,
      stream: true,
      stop: ["#"],
    });
  });

  it.each([
    [{ type: "auto" }, "auto", undefined],
    [{ type: "any", disable_parallel_tool_use: true }, "required", false],
    [{ type: "none" }, "none", undefined],
    [
      { type: "tool", name: "a", disable_parallel_tool_use: false },
      { type: "function", function: { name: "a" } },
      undefined,
    ],
  ])("tool_choice %j", (tool_choice, expected, parallel) => {
    const tools = [{ name: "a", description: "d", input_schema: { type: "object" } }];
    expect(chat({ tools, tool_choice })).toMatchObject({
      tools: [{ function: { name: "a", description: "d", parameters: { type: "object" } } }],
      tool_choice: expected,
      parallel_tool_calls: parallel,
    });
  });

  it.each([
    [{}, undefined, false],
    [{ thinking: { type: "disabled" }, output_config: { effort: "high" } }, "none", false],
    [{ thinking: { type: "enabled", budget_tokens: 2048 } }, undefined, true],
    [{ thinking: { type: "adaptive" } }, undefined, true],
    [{ thinking: { type: "adaptive" }, output_config: { effort: "max" } }, "xhigh", false],
    [{ output_config: { effort: "low" } }, "low", false],
  ])("thinking as in %j", (fields, effort, asksToThink) => {
    expect(chat(fields).reasoning_effort).toBe(effort);
    const { data } = parse(fields);
    expect(data && messagesCall(data).asksToThink).toBe(asksToThink);
  });

  it("a schema for the answer is one of a chat's", () => {
    const format = { type: "json_schema", schema: { type: "object" } };
    expect(chat({ output_config: { format } }).response_format).toMatchObject({
      json_schema: { schema: { type: "object" } },
    });
  });
});

const nested = (levels: number) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { value };
  return { type: "tool_use", id: "1", name: "a", input: value };
};

describe("refused is", () => {
  it.each([
    ["no max_tokens", { max_tokens: undefined }, "`max_tokens`"],
    ["max_tokens of 0", { max_tokens: 0 }, "`max_tokens`"],
    ["a temperature above Anthropic's", { temperature: 1.1 }, "`temperature`"],
    ["messages that are no list", { messages: 3 }, "`messages`"],
    ["no messages", { messages: [] }, "`messages`"],
    ["an empty stop sequence", { stop_sequences: [""] }, "`stop_sequences[0]`"],
    [
      "an image kept elsewhere",
      withUser({ type: "image", source: { type: "file", file_id: "file_1" } }),
      "`messages[0].content[0].source.type` is not valid: expected base64 or url",
    ],
    [
      "an image at no web address",
      withUser({ type: "image", source: { type: "url", url: "file:///etc/passwd" } }),
      "`messages[0].content[0].source.url` must be an http(s) address of an image",
    ],
    ["a document", withUser({ type: "document" }), "Expected 'text' | 'image' | 'tool_result'"],
    ["an assistant's image", withAssistant(image), "`messages[1].content[0].type`"],
    ["an input that is no object", withAssistant({ ...nested(0) }), "must be an object"],
    ["an input too deep", withAssistant(nested(65)), "at most 64 levels"],
    [
      "a tool of Anthropic's own",
      { tools: [{ type: "web_search_20250305", name: "web_search" }] },
      "`tools[0].type` must be custom: Anthropic's own tools, as web search, are not available here",
    ],
    ["a tool without a schema", { tools: [{ name: "a" }] }, "`tools[0].input_schema`"],
  ])("%s", (_what, fields, message) => {
    expect(refusal(fields)).toContain(message);
  });
});
