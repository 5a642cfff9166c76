import { describe, expect, it } from "vitest";
import { estimateChatUsage, estimateWrittenTokens } from "./estimate.ts";
import type { ChatRequest } from "./request.ts";

type Part = Exclude<Extract<ChatRequest["messages"][number], { role: "user" }>["content"], string>[number];

const promptTokens = (content: Part[]) =>
  estimateChatUsage({ messages: [{ role: "user", content }] }, 0).promptTokens;
const text: Part = { type: "text", text: "What is this?" };
const image = (sizeBytes: number, detail?: "low" | "high"): Part => ({
  type: "image_url",
  image_url: { url: `data:image/png;base64,${"A".repeat(sizeBytes)}`, detail },
});
const audio = (sizeBytes: number): Part => ({
  type: "input_audio",
  input_audio: { data: "A".repeat(sizeBytes), format: "wav" },
});

describe("estimateChatUsage", () => {
  it("counts text by its length", () => {
    const { promptTokens: tokens } = estimateChatUsage(
      { messages: [{ role: "user", content: "a".repeat(400) }] },
      9,
    );
    expect(tokens).toBeGreaterThan(100);
    expect(tokens).toBeLessThan(120);
    expect(promptTokens([{ type: "text", text: "a".repeat(4000) }])).toBeGreaterThan(1000);
  });

  it.each([
    ["an image", image, 765],
    ["a recording", audio, 750],
  ])("counts %s alike, whatever its size", (_name, part, tokens) => {
    expect(promptTokens([text, part(1_000_000)])).toBe(promptTokens([text, part(10)]));
    const added = promptTokens([text, part(10)]) - promptTokens([text]);
    expect(added).toBeGreaterThanOrEqual(tokens);
    expect(added).toBeLessThan(tokens + 10);
  });

  it("counts tools, which stand in the prompt as well", () => {
    const messages = [{ role: "user" as const, content: "hi" }];
    const description = "b".repeat(400);
    const tools = [{ type: "function" as const, function: { name: "look", description } }];
    const plain = estimateChatUsage({ messages }, 0).promptTokens;
    expect(estimateChatUsage({ messages, tools }, 0).promptTokens).toBeGreaterThan(plain + 100);
  });

  it("counts an image of low detail for less", () => {
    expect(promptTokens([image(10, "high")]) - promptTokens([image(10, "low")])).toBe(765 - 85);
  });
});

describe("estimateWrittenTokens", () => {
  it("counts what the model wrote, and nothing of the envelope", () => {
    const message = { role: "assistant", content: "12345678", reasoning_content: "1234" };
    const call = { id: "call_0123456789", type: "function", function: { name: "look", arguments: "{}12" } };
    expect(estimateWrittenTokens([{ index: 0, message, finish_reason: "stop" }])).toBe(3);
    expect(estimateWrittenTokens([{ message }, { message: { content: null, tool_calls: [call] } }])).toBe(5);
    expect(estimateWrittenTokens(null)).toBe(0);
  });
});
