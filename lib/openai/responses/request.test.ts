import { describe, expect, it } from "vitest";
import { wrongValue } from "../../wrong-value.ts";
import { responsesCall } from "./call.ts";

const call = (fields: object) => responsesCall.safeParse({ input: "hello", ...fields });
const withItem = (item: unknown) => ({ input: [{ role: "user", content: "hello" }, item] });
const withPart = (part: unknown) => ({ input: [{ role: "user", content: [part] }] });

function refusal(fields: object) {
  const { error } = call(fields);
  return error ? wrongValue(error) : { path: "", message: "accepted" };
}

describe("what the gateway does not have is refused, with what to do instead", () => {
  it.each([
    ["previous_response_id", { previous_response_id: "resp_1" }, "Send all of the talk so far"],
    ["conversation", { conversation: { id: "conv_1" } }, "Send all of the talk so far"],
    ["prompt", { prompt: { id: "pmpt_1" } }, "`instructions` and `input`"],
    ["background", { background: true }, "Use `stream`"],
    ["input[1].type", withItem({ type: "item_reference", id: "msg_1" }), "end the item itself"],
    ["input[1].role", withItem({ id: "msg_1" }), "end the item itself"],
    ["input[1].type", withItem({ type: "web_search_call", id: "ws_1" }), "'web_search_call'"],
    ["input[1].type", withItem({ type: "custom_tool_call_output", call_id: "1" }), "not available here"],
    ["tools[0].type", { tools: [{ type: "web_search" }] }, "only functions of your own"],
    ["tools[0].type", { tools: [{ type: "mcp", server_label: "x" }] }, "only functions of your own"],
    ["tools[0].type", { tools: [{ type: "custom", name: "x" }] }, "only functions of your own"],
    ["tool_choice.type", { tool_choice: { type: "file_search" } }, "a function of your own"],
    ["tool_choice", { tool_choice: "any" }, "a function by its name"],
    ["include[0]", { include: ["unknown"] }, "option"],
    [
      "input[0].content[0].file_id",
      withPart({ type: "input_image", file_id: "file-1" }),
      "no files are kept",
    ],
    [
      "input[0].content[0].image_url",
      withPart({ type: "input_image", image_url: "ftp://example.com/a.png" }),
      "data: URL",
    ],
    ["input[0].content[0].type", withPart({ type: "input_file", file_id: "file-1" }), "input_image"],
  ])("%s", (path, fields, words) => {
    const fault = refusal(fields);
    expect(fault.path).toBe(path);
    expect(fault.message).toContain(words);
  });
});

describe("bounds", () => {
  const metadata = (count: number) =>
    Object.fromEntries(
      Array(count)
        .fill("x")
        .map((x, i) => [`${x}${i}`, x]),
    );

  it.each([
    ["input", { input: [] }],
    ["input", { input: 3 }],
    ["input", { input: [{ type: "reasoning", content: [{ type: "reasoning_text", text: "hm" }] }] }],
    ["input[0].content", { input: [{ role: "user", content: 3 }] }],
    ["input[0].role", { input: [{ role: "tool", content: "x" }] }],
    [
      "input[1].arguments",
      withItem({ type: "function_call", call_id: "1", name: "f", arguments: "[".repeat(100) }),
    ],
    ["max_output_tokens", { max_output_tokens: 0 }],
    ["max_output_tokens", { max_output_tokens: -1 }],
    ["temperature", { temperature: 3 }],
    ["metadata", { metadata: metadata(17) }],
    ["metadata.a", { metadata: { a: "x".repeat(513) } }],
    ["user", { user: "x".repeat(2000) }],
    ["tools", { tools: Array(129).fill({ type: "function", name: "f" }) }],
    ["tools[0].name", { tools: [{ type: "function", name: "a b" }] }],
    ["text.format.name", { text: { format: { type: "json_schema", name: "a b", schema: {} } } }],
    ["reasoning.effort", { reasoning: { effort: "a lot" } }],
  ])("of %s", (path, fields) => expect(refusal(fields).path).toBe(path));

  it("let through what is within them, null for absent, and what only OpenAI's own models know", () => {
    const fields = {
      previous_response_id: null,
      conversation: null,
      background: false,
      metadata: metadata(16),
      reasoning: { effort: "high", summary: "auto" },
      include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
      store: true,
      truncation: "auto",
      service_tier: "flex",
      stream_options: { include_obfuscation: false },
      max_tool_calls: null,
      tools: null,
      text: null,
    };
    expect(refusal(fields).message).toBe("accepted");
    expect(refusal({ input: undefined }).path).toBe("input");
  });
});

it("drops what it does not know", () => {
  expect(call({ grammar: "root ::= x" }).data?.request).not.toHaveProperty("grammar");
});
