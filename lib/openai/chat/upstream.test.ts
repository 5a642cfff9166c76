import { Pool } from "undici";
import { describe, expect, it } from "vitest";
import { EngineConnections } from "../../engine-http/connections.ts";
import type { Grant } from "../../gateway/endpoint.ts";
import { Commitments } from "../../gateway/limits/commitments.ts";
import type { Engine } from "../../slots/types.ts";
import { type ChatRequest, chatRequest } from "./request.ts";
import { chatUpstream } from "./upstream.ts";

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
const hello = { messages: [{ role: "user", content: "hello" }] };

function upstream(body: object, engine = llama): Record<string, unknown> {
  const call: ChatRequest = chatRequest.parse({ ...hello, ...body });
  return JSON.parse(chatUpstream(call, grant, engine).body);
}

const tool = (name: string, parameters: unknown = { type: "object" }) => ({
  type: "function",
  function: { name, parameters },
});

describe("chatUpstream", () => {
  it("always streams from llama-server, with its own counts, and bounds the answer", () => {
    expect(upstream({})).toEqual({
      ...hello,
      model: "tiny",
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 100,
      timings_per_token: true,
      return_progress: true,
    });
  });

  it("asks a remote for what the client asked for", () => {
    expect(upstream({}, remote)).toEqual({ ...hello, model: "tiny", stream: false, max_tokens: 100 });
    expect(upstream({ stream: true }, remote)).toMatchObject({ stream_options: { include_usage: true } });
  });

  it.each([
    "grammar",
    "id_slot",
    "cache_prompt",
    "n_predict",
    "lora",
    "json_schema",
    "repeat_last_n",
    "samplers",
  ])("never passes %s on", (name) => {
    expect(upstream({ [name]: "x" })).not.toHaveProperty(name);
  });

  it("says by the tools on offer what llama-server does not understand as tool_choice", () => {
    const tools = [tool("weather"), tool("time")];
    expect(upstream({ tools, tool_choice: "none" })).not.toHaveProperty("tools");
    const named = upstream({ tools, tool_choice: { type: "function", function: { name: "time" } } });
    expect(named).toMatchObject({ tools: [{ function: { name: "time" } }], tool_choice: "required" });
    expect(() => upstream({ tools, tool_choice: { type: "function", function: { name: "x" } } })).toThrow(
      /no tool/,
    );
    expect(() => upstream({ tool_choice: "required" })).toThrow(/needs `tools`/);
  });

  it("refuses logprobs with tools on an engine that cannot stream both", () => {
    expect(() => upstream({ tools: [tool("weather")], logprobs: true })).toThrow(/logprobs/);
    expect(upstream({ tools: [tool("weather")], logprobs: true }, remote)).toMatchObject({ logprobs: true });
  });

  it("folds any integer seed into 32 bits, and the newer role name into the older", () => {
    expect(upstream({ seed: 2 ** 32 + 5 })).toMatchObject({ seed: 5 });
    expect(upstream({ seed: -1 })).toMatchObject({ seed: 4_294_967_295 });
    expect(upstream({ messages: [{ role: "developer", content: "x" }] })).toMatchObject({
      messages: [{ role: "system", content: "x" }],
    });
  });

  it("turns reasoning off where the client wants none", () => {
    expect(upstream({ reasoning_effort: "none" })).toMatchObject({
      chat_template_kwargs: { enable_thinking: false },
    });
  });

  it("refuses schemas that a grammar compiler chokes on, naming where they stand", () => {
    let nested: unknown = { type: "string" };
    for (let level = 0; level < 10_000; level++) nested = { type: "array", items: nested };
    expect(() => upstream({ tools: [tool("f", nested)] })).toThrow(/levels/);
    const format = (schema: unknown) => ({
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    expect(() => upstream(format({ pattern: `^${"a*".repeat(500)}$` }))).toThrow(/pattern/);
    expect(() =>
      upstream(format({ enum: Array.from({ length: 50_000 }, (_, index) => `v${index}`) })),
    ).toThrow();
    expect(() => upstream(format({ type: "string", maxLength: 1e9 }))).toThrow(/maxLength/);
    expect(upstream(format({ type: "object", properties: { a: { type: "string" } } }))).toHaveProperty(
      "response_format",
    );
  });
});
