/** The official JavaScript SDK, unmodified, against the gateway and a real engine. */
import OpenAI, { NotFoundError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

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
      messages: ask("What is 2+2?"),
      temperature: 0,
      max_tokens: 30,
    });
    expect(answer.choices[0]?.message.content).toContain("4");
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
