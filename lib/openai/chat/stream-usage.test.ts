import { describe, expect, it } from "vitest";
import type { ChatRequest } from "./request.ts";
import { ChatStreamReader } from "./stream.ts";
import { content, done, event, feed, withUsage } from "./testing/remote-events.ts";

describe("usage of several choices", () => {
  const two: ChatRequest = { ...withUsage, n: 2 };
  const usage = (tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens: tokens } });

  it("is the last count of a remote that repeats it in every event", () => {
    const reader = new ChatStreamReader(two, "m");
    for (let tokens = 1; tokens <= 10; tokens++) feed(reader, content("a", usage(tokens)));
    feed(reader, event({ choices: [], ...usage(10) }), done);
    expect(reader.usage()).toMatchObject({ promptTokens: 5, completionTokens: 10, estimated: false });
  });

  it("is the sum of what llama-server counts for each of them", () => {
    const reader = new ChatStreamReader(two, "m");
    feed(
      reader,
      content("a"),
      event({ choices: [], ...usage(3) }),
      event({ choices: [], ...usage(4) }),
      done,
    );
    expect(reader.usage()).toMatchObject({ promptTokens: 5, completionTokens: 7 });
  });
});
