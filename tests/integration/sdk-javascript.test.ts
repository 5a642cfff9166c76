/** The official JavaScript SDK, unmodified, against the gateway and a real engine. */
import OpenAI, {
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

const weatherTool: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const ask = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: "user", content }];
const hello = { model: "tiny-text", temperature: 0, messages: ask("say hello") };

let gateway: Gateway;
let client: OpenAI;

function clientWith(apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
}

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.think });
  await gateway.loadModel(2, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  const user = await gateway.createUser();
  client = clientWith(user.apiKey);
});
afterAll(async () => gateway[Symbol.asyncDispose]());

describe("models", () => {
  test("are listed", async () => {
    const models: OpenAI.Model[] = [];
    for await (const model of client.models.list()) models.push(model);
    const found = models.find(({ id }) => id === "tiny-text");
    expect(found).toMatchObject({ object: "model", owned_by: "local" });
    expect(found?.created).toBeGreaterThan(1_600_000_000);
  });

  test("are retrieved one by one", async () => {
    expect(await client.models.retrieve("tiny-text")).toMatchObject({ id: "tiny-text", object: "model" });
    await expect(client.models.retrieve("nothing-like-it")).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe("chat", () => {
  test("gives a whole answer with its usage", async () => {
    const { data, request_id } = await client.chat.completions.create(hello).withResponse();
    expect(data).toMatchObject({ object: "chat.completion", model: "tiny-text" });
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: sentence },
    });
    expect(data.usage?.total_tokens).toBe(
      (data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0),
    );
    expect(request_id).toMatch(/\S/);
  });

  test("streams, with usage when asked for", async () => {
    const stream = await client.chat.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    let content = "";
    const finishes: unknown[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      expect(chunk).toMatchObject({ object: "chat.completion.chunk", model: "tiny-text" });
      content += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      if (chunk.usage) usage = chunk.usage;
    }
    expect(content).toBe(sentence);
    expect(finishes).toEqual(["stop"]);
    expect(usage?.completion_tokens).toBeGreaterThan(5);
  });

  test("streams without usage when not asked for", async () => {
    const stream = await client.chat.completions.create({ ...hello, stream: true });
    for await (const chunk of stream) {
      expect(chunk.usage ?? null).toBeNull();
      expect(chunk.choices).toHaveLength(1);
    }
  });

  test("the SDK's own stream helper puts the answer together", async () => {
    const final = await client.chat.completions.stream(hello).finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(sentence);
  });

  test("answers with sense from a model that has some", async () => {
    const answer = await client.chat.completions.create({
      model: "SmolLM2-135M-Instruct",
      messages: ask("What is the capital of France?"),
      temperature: 0,
      max_tokens: 30,
    });
    expect(answer.choices[0]?.message.content).toContain("Paris");
  });

  test("max_tokens cuts the answer, stop ends it before", async () => {
    const cut = await client.chat.completions.create({ ...hello, max_completion_tokens: 3 });
    expect(cut.choices[0]?.finish_reason).toBe("length");
    expect(cut.usage?.completion_tokens).toBe(3);
    const stopped = await client.chat.completions.create({ ...hello, stop: [" tiny"] });
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: "hello from the" },
    });
  });

  test("the same seed gives the same answer", async () => {
    const seeded = { ...hello, temperature: 2, seed: 42, max_tokens: 40, messages: ask("count") };
    const [one, two] = await Promise.all([
      client.chat.completions.create(seeded),
      client.chat.completions.create(seeded),
    ]);
    expect(one.choices[0]?.message.content).toBe(two.choices[0]?.message.content);
  });

  test("n gives several choices", async () => {
    const answer = await client.chat.completions.create({ ...hello, n: 2 });
    expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, sentence],
      [1, sentence],
    ]);
  });

  test("gives log probabilities", async () => {
    const { choices } = await client.chat.completions.create({ ...hello, logprobs: true, top_logprobs: 2 });
    const tokens = choices[0]?.logprobs?.content ?? [];
    expect(tokens.slice(0, 2).map(({ token }) => token)).toEqual(["hello", " from"]);
    expect(tokens[0]?.top_logprobs).toHaveLength(2);
  });

  test("passes reasoning on, apart from the answer", async () => {
    const { choices } = await client.chat.completions.create({ ...hello, model: "tiny-think" });
    const message = choices[0]?.message as { content: string; reasoning_content?: string };
    expect(message.reasoning_content?.trim()).toBe("how to describe a sound");
    expect(message.content).toBe(sentence);
  });
});

describe("tools and schemas", () => {
  test("a tool is called, and its answer is answered", async () => {
    const first = await client.chat.completions.create({ ...hello, tools: [weatherTool] });
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const [call] = choice?.message.tool_calls ?? [];
    if (call?.type !== "function") throw new Error("No function was called");
    expect(call.id).toMatch(/\S/);
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual({ city: sentence });
    const second = await client.chat.completions.create({
      ...hello,
      tools: [weatherTool],
      messages: [
        ...hello.messages,
        { role: "assistant", tool_calls: [call] },
        { role: "tool", tool_call_id: call.id, content: "hello" },
      ],
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: sentence } });
  });

  test("the SDK runs tools by itself, streamed", async () => {
    const cities: unknown[] = [];
    const runner = client.chat.completions.runTools({
      ...hello,
      stream: true,
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "The weather of a city",
            parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return "hello";
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe(sentence);
    expect(cities).toEqual([sentence]);
  });

  test("a named tool_choice calls that tool and no other", async () => {
    const other = { ...weatherTool, function: { ...weatherTool.function, name: "get_time" } };
    const { choices } = await client.chat.completions.create({
      ...hello,
      tools: [weatherTool, other],
      tool_choice: { type: "function", function: { name: "get_time" } },
    });
    const names = choices[0]?.message.tool_calls?.map(
      (call) => call.type === "function" && call.function.name,
    );
    expect(names).toEqual(["get_time"]);
  });

  test("tool_choice none leaves tools alone", async () => {
    const { choices } = await client.chat.completions.create({
      ...hello,
      tools: [weatherTool],
      tool_choice: "none",
    });
    expect(choices[0]?.message).toMatchObject({ content: sentence });
    expect(choices[0]?.message.tool_calls ?? []).toEqual([]);
  });

  test("json_schema answers parse", async () => {
    const schema = {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    };
    const answer = await client.chat.completions.parse({
      ...hello,
      response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ text: sentence });
  });
});

describe("errors have the SDK's classes", () => {
  test("401 for an unknown key", async () => {
    const failure = await clientWith(`sk-${"0".repeat(48)}`)
      .models.list()
      .catch((error) => error);
    expect(failure).toBeInstanceOf(AuthenticationError);
    expect(failure).toMatchObject({ status: 401, code: "invalid_api_key", type: "invalid_request_error" });
    expect(failure.requestID).toMatch(/\S/);
  });

  test("402 for an empty balance, which is not retried", async () => {
    const poor = await gateway.createUser({ tier: "payg", balance: 0 });
    const failure = await clientWith(poor.apiKey)
      .chat.completions.create(hello)
      .catch((error) => error);
    expect(failure).toMatchObject({ status: 402, code: "insufficient_balance", type: "insufficient_quota" });
    expect(failure.headers.get("x-should-retry")).toBe("false");
  });

  test("403 for a model that the key may not use", async () => {
    const limited = await gateway.createUser({ limits: { models: ["tiny-think"] } });
    const failure = await clientWith(limited.apiKey)
      .chat.completions.create(hello)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(PermissionDeniedError);
    expect(failure).toMatchObject({ type: "permission_error" });
  });

  test("404 for an unknown model and an unknown address", async () => {
    const model = await client.chat.completions
      .create({ ...hello, model: "no-such-model" })
      .catch((error) => error);
    expect(model).toBeInstanceOf(NotFoundError);
    expect(model).toMatchObject({ code: "model_not_found" });
    const address = await client.get("/no/such/address").catch((error) => error);
    expect(address).toBeInstanceOf(NotFoundError);
    expect(address).toMatchObject({ code: "unknown_url" });
  });

  test("400 names the wrong field", async () => {
    const wrong = { ...hello, messages: [{ role: "user", content: 3 }] } as unknown as typeof hello;
    const failure = await client.chat.completions.create(wrong).catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ param: "messages[0].content", type: "invalid_request_error" });
  });

  test("400 with its own code for a prompt beyond the context", async () => {
    const long = { ...hello, model: "SmolLM2-135M-Instruct", messages: ask("hello ".repeat(4000)) };
    const failure = await client.chat.completions.create(long).catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ code: "context_length_exceeded" });
  });

  test("429 beyond the requests of a minute, with the seconds to wait", async () => {
    const user = await gateway.createUser({ limits: { requests_per_minute: 2 } });
    const limited = clientWith(user.apiKey);
    await limited.chat.completions.create(hello);
    await limited.chat.completions.create(hello);
    const failure = await limited.chat.completions.create(hello).catch((error) => error);
    expect(failure).toBeInstanceOf(RateLimitError);
    expect(failure).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
    const waitS = Number(failure.headers.get("retry-after"));
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(60);
    expect(failure.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  });
});

describe("abort", () => {
  const long = {
    model: "SmolLM2-135M-Instruct",
    messages: ask("Tell a long story."),
    // Neither of its two end tokens: it goes on until max_tokens.
    logit_bias: { 0: -100, 2: -100 },
    max_tokens: 1500,
  };

  test("of a stream frees the engine within a second", async () => {
    const stream = await client.chat.completions.create({ ...long, stream: true });
    let chunks = 0;
    for await (const _chunk of stream) if (++chunks === 5) break;
    await waitFor("the engine to be free", async () => (await gateway.slotState(2)).in_flight === 0, {
      timeoutMs: 1000,
    });
  });

  test("of a whole answer frees the engine within a second", async () => {
    const controller = new AbortController();
    const answer = client.chat.completions
      .create(long, { signal: controller.signal })
      .catch((error) => error);
    await waitFor("the engine to be busy", async () => (await gateway.slotState(2)).in_flight === 1);
    controller.abort();
    expect(await answer).toBeInstanceOf(APIUserAbortError);
    await waitFor("the engine to be free", async () => (await gateway.slotState(2)).in_flight === 0, {
      timeoutMs: 1000,
    });
  });
});
