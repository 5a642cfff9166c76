import { describe, expect, it } from "vitest";
import { completionRequest } from "./request.ts";
import { completionUpstream } from "./upstream.ts";

const llamaServer = {
  kind: "llama-server" as const,
  upstreamModel: "tiny",
  alwaysStream: true,
  reportsProgress: true,
};
const remote = { kind: "remote" as const, upstreamModel: "m", alwaysStream: false, reportsProgress: false };

function upstream(fields: object, engine: typeof llamaServer | typeof remote) {
  const call = completionRequest.parse({ prompt: "hello", ...fields });
  const request = completionUpstream(call, { maxOutputTokens: 9 }, engine);
  return { ...request, body: JSON.parse(request.body) };
}

describe("completionUpstream", () => {
  it("always streams from llama-server, and asks for its counts", () => {
    expect(upstream({}, llamaServer)).toEqual({
      path: "/completions",
      isStreamed: true,
      input: "prompt",
      body: {
        model: "tiny",
        prompt: "hello",
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 9,
        timings_per_token: true,
        return_progress: true,
      },
    });
  });

  it("asks a remote as the client asked", () => {
    expect(upstream({}, remote)).toMatchObject({ isStreamed: false, body: { stream: false } });
    expect(upstream({}, remote).body).toEqual({
      model: "m",
      prompt: "hello",
      stream: false,
      max_tokens: 9,
    });
    expect(upstream({ stream: true }, remote).body.stream_options).toEqual({ include_usage: true });
  });

  it("passes samplers on, and keeps what the gateway does itself", () => {
    const samplers = {
      temperature: 1,
      top_p: 0.5,
      top_k: 4,
      min_p: 0.1,
      repeat_penalty: 1.1,
      n: 2,
      stop: "a",
    };
    const { body } = upstream({ ...samplers, seed: -1, echo: true, best_of: 2, user: "me" }, llamaServer);
    expect(body).toMatchObject({ ...samplers, seed: 2 ** 32 - 1 });
    for (const field of ["echo", "best_of", "user", "suffix"]) expect(body).not.toHaveProperty(field);
  });

  it("asks llama-server for one alternative where the client wants none", () => {
    expect(upstream({ logprobs: 0 }, llamaServer).body.logprobs).toBe(1);
    expect(upstream({ logprobs: 3 }, llamaServer).body.logprobs).toBe(3);
    expect(upstream({ logprobs: 0 }, remote).body.logprobs).toBe(0);
  });
});
