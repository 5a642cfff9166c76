import { describe, expect, it } from "vitest";
import { ChatPlainReader } from "./plain.ts";

const call = { messages: [{ role: "user" as const, content: "hello" }] };
const answer = {
  id: "1",
  object: "chat.completion",
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "12345678" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

function read(value: unknown, modelId = "m"): ChatPlainReader {
  const reader = new ChatPlainReader(call, modelId);
  reader.push(Buffer.from(JSON.stringify(value)));
  return reader;
}

describe("ChatPlainReader", () => {
  it("passes the very bytes on where nothing has to change", () => {
    const reader = read(answer);
    expect(reader.answer()).toBe(JSON.stringify(answer));
    expect(reader.usage()).toMatchObject({ promptTokens: 3, completionTokens: 2, estimated: false });
  });

  it("says the gateway's name of the model", () => {
    expect(JSON.parse(read(answer, "ours").answer())).toEqual({ ...answer, model: "ours" });
  });

  it("estimates what a remote does not count, from what the model wrote, and says so in the answer", () => {
    const reader = read({ ...answer, usage: undefined, system_fingerprint: "x".repeat(1_000) });
    const { usage } = JSON.parse(reader.answer());
    expect(reader.usage()).toMatchObject({ completionTokens: 2, estimated: true });
    expect(usage).toMatchObject({ prompt_tokens: reader.usage().promptTokens, completion_tokens: 2 });
  });

  it("takes what is no chat answer for a broken engine", () => {
    expect(() => read({ error: "x" }).answer()).toThrow(expect.objectContaining({ code: "engine_crashed" }));
  });
});
