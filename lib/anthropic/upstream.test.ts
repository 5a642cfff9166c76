import { Pool } from "undici";
import { describe, expect, it } from "vitest";
import { EngineConnections } from "../engine-http/connections.ts";
import type { Grant } from "../gateway/endpoint.ts";
import { Commitments } from "../gateway/limits/commitments.ts";
import type { Engine } from "../slots/types.ts";
import { CountTokensReader, countTokensUpstream } from "./count-tokens.ts";
import { countTokensRequest, messagesRequest } from "./request.ts";
import { messagesCall } from "./to-chat.ts";
import { messagesUpstream } from "./upstream.ts";

const llama: Engine = {
  kind: "llama-server",
  connections: new EngineConnections(new URL("http://127.0.0.1:9"), {
    headers: [],
    keepAlive: false,
    connectTimeoutMs: 1,
  }),
  pool: new Pool("http://127.0.0.1:9"),
  pathPrefix: "/v1",
  headers: [],
  upstreamModel: "tiny",
  alwaysStream: true,
  mediaMarker: null,
  reportsProgress: true,
};
const remote: Engine = { ...llama, kind: "remote", alwaysStream: false, reportsProgress: false };
const grant: Grant = {
  soundSeconds: null,
  reservation: new Commitments().reserve(1, 1, { costNanos: 0, tokens: 0, minuteTokens: 0 }, 0),
  tokens: null,
  model: {
    id: "tiny",
    type: "text",
    capabilities: ["text"],
    contextLength: 512,
    status: "ready",
    createdS: 1,
  },
  maxOutputTokens: 100,
  sequences: 1,
  pricing: { input_per_1k: 0, output_per_1k: 0 },
};
const hello = { max_tokens: 9, messages: [{ role: "user", content: "hello" }] };

function upstream(fields: object, engine = llama): Record<string, unknown> {
  const call = messagesCall(messagesRequest.parse({ ...hello, ...fields }));
  return JSON.parse(messagesUpstream(call, grant, engine).body);
}

describe("messagesUpstream", () => {
  it("asks llama-server for a chat, and tells only a remote of stop sequences", () => {
    expect(upstream({ stop_sequences: ["#"], top_k: 5 })).toEqual({
      model: "tiny",
      messages: hello.messages,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
      top_k: 5,
      timings_per_token: true,
      return_progress: true,
    });
    expect(upstream({ stop_sequences: ["#"] }, remote)).toMatchObject({ stop: ["#"], stream: false });
  });

  it("turns thinking on and off as a chat does", () => {
    const options = (fields: object) => upstream(fields).chat_template_kwargs;
    expect(options({})).toBeUndefined();
    expect(options({ thinking: { type: "adaptive" } })).toEqual({ enable_thinking: true });
    expect(options({ thinking: { type: "disabled" } })).toMatchObject({ enable_thinking: false });
    const effort = { thinking: { type: "adaptive" }, output_config: { effort: "low" } };
    expect(options(effort)).toEqual({ reasoning_effort: "low", enable_thinking: true });
  });

  it("tells a remote of it by OpenAI's parameter alone", () => {
    expect(upstream({ thinking: { type: "enabled" } }, remote)).not.toHaveProperty("chat_template_kwargs");
    expect(upstream({ thinking: { type: "disabled" } }, remote)).toMatchObject({ reasoning_effort: "none" });
  });
});

describe("counting", () => {
  const call = messagesCall(countTokensRequest.parse({ messages: hello.messages }));

  it("sends llama-server the chat of the message, and a remote nothing", () => {
    const request = countTokensUpstream(call, grant, llama);
    expect(request?.path).toBe("/chat/completions/input_tokens");
    expect(JSON.parse(request?.body ?? "")).toEqual(upstream({}));
    expect(countTokensUpstream(call, grant, remote)).toBeNull();
  });

  it("gives what the engine counted, and refuses what is no count", () => {
    const answer = (text: string) => {
      const reader = new CountTokensReader(call, llama);
      reader.push(Buffer.from(text));
      return reader.answer();
    };
    expect(answer('{"input_tokens":13,"object":"response.input_tokens"}')).toBe('{"input_tokens":13}');
    expect(() => answer('{"input_tokens":"13"}')).toThrow(/malformed/);
    expect(() => answer("<html>")).toThrow(/malformed/);
  });

  it("estimates for a remote, tools included", () => {
    const estimate = (fields: object) => {
      const request = countTokensRequest.parse({ messages: hello.messages, ...fields });
      const reader = new CountTokensReader(messagesCall(request), remote);
      expect(reader.usage()).toMatchObject({ promptTokens: 0, completionTokens: 0 });
      return JSON.parse(reader.answer()).input_tokens;
    };
    const description = "x".repeat(400);
    const more = estimate({ tools: [{ name: "a", description, input_schema: {} }] }) - estimate({});
    expect(more).toBeGreaterThan(100);
    expect(more).toBeLessThan(150);
  });
});
