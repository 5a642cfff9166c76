import { describe, expect, it } from "vitest";
import { chatTemplateOf } from "./chat-template.ts";

const of = (template: string) => chatTemplateOf({ "tokenizer.chat_template": template });

describe("what a chat template can do", () => {
  it("is nothing known without one", () => {
    expect(chatTemplateOf({})).toBeNull();
    expect(of("  ")).toBeNull();
  });

  it.each([
    // Qwen 2.5 and later.
    ["{%- if tools %}# Tools{{ tools | tojson }}{% endif %}", true],
    // Llama 3.1.
    ["{%- if not tools is defined %}{%- set tools = none %}{%- endif %}", true],
    // DeepSeek R1's distilled ones: they show calls, and are never told which tools there are.
    ["{% if message['tool_calls'] %}{{ message['tool_calls'][0]['name'] }}{% endif %}", false],
    ["You have no tools.{{ messages[0].content }}", false],
    ["{{ 'Here are the tools' + content }}", false],
    ["{{ message.tools }}", false],
    ['{{ "say \\"tools\\"" }}{% if x %}', false],
    ["{{ 'a' }} tools {{ 'b' + tools }}", true],
    ["{{ 'never closed, tools }}", false],
    ["{{ tools", false],
  ])("%j reads tools: %s", (template, expected) => {
    expect(of(template)?.tools).toBe(expected);
  });

  it("has tools where another template is kept for them", () => {
    const both = { "tokenizer.chat_template": "{{ x }}", "tokenizer.chat_template.tool_use": "{{ tools }}" };
    expect(chatTemplateOf(both)?.tools).toBe(true);
  });

  it.each([
    ["{%- if enable_thinking is false %}<think>\n\n</think>{% endif %}", true],
    ["<|start|>assistant<|channel|>analysis", true],
    ["{{ '[THINK]' }}", true],
    ["{{ bos_token }}{{ content }} I think so", false],
  ])("%j knows of thoughts: %s", (template, expected) => {
    expect(of(template)?.thinking).toBe(expected);
  });

  it.each([
    ["brackets that open", "{{", ""],
    ["empty code", "{{}}", ""],
    ["quotes", "'", "}}"],
    ["escaped quotes", '\\"', "}}"],
  ])("is seen at once in a very long one of %s", (_, text, end) => {
    const startMs = performance.now();
    expect(of(`{{ x ${text.repeat(2 ** 19 / text.length)}${end}`)).toEqual({ tools: false, thinking: false });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
