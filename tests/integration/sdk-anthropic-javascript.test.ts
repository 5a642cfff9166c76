/** Anthropic's official JavaScript SDK, unmodified, against the gateway and a real engine. */
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PaymentRequiredError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { diesMidStream } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";

const weatherTool: Anthropic.Tool = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const ask = (content: string): Anthropic.MessageParam[] => [{ role: "user", content }];
/** No parameter of this SDK any more, which passes on what it does not know. */
const greedy = { temperature: 0 };
const hello = { ...greedy, model: "tiny-text", max_tokens: 200, messages: ask("say hello") };
const text = (content: string) => ({ type: "text", text: content });

let gateway: Gateway;
let engine: MockEngine;
let client: Anthropic;
let userId: number;

function clientWith(apiKey: string): Anthropic {
  return new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 });
}

beforeAll(async () => {
  engine = await mockEngine({ behaviour: diesMidStream(2) });
  gateway = await startGateway({ config: unlimited });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text }),
    gateway.loadModel(1, { model_path: modelFiles.think }),
    gateway.loadModel(2, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 }),
    gateway.loadModel(3, { remote: { base_url: engine.baseUrl, model: "mock" } }),
  ]);
  const user = await gateway.createUser();
  userId = user.id;
  client = clientWith(user.apiKey);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

describe("messages", () => {
  test("gives a whole message with its usage", async () => {
    const { data, request_id } = await client.messages.create(hello).withResponse();
    expect(data).toMatchObject({
      type: "message",
      role: "assistant",
      model: "tiny-text",
      content: [text(sentence)],
      stop_reason: "end_turn",
    });
    expect(data.usage.output_tokens).toBe(7);
    expect(request_id).toMatch(/^req_/);
  });

  test("streams its events", async () => {
    const types = new Set<string>();
    let written = "";
    for await (const event of await client.messages.create({ ...hello, stream: true })) {
      types.add(event.type);
      if (event.type === "content_block_delta" && event.delta.type === "text_delta")
        written += event.delta.text;
    }
    expect(written).toBe(sentence);
    expect([...types]).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test("the SDK's own stream helper puts the message together, thoughts included", async () => {
    let thoughts = "";
    const stream = client.messages
      .stream({ ...hello, model: "tiny-think", thinking: { type: "enabled", budget_tokens: 1024 } })
      .on("thinking", (delta) => {
        thoughts += delta;
      });
    const final = await stream.finalMessage();
    expect(thoughts.trim()).toBe("how to describe a sound");
    expect(final.content).toMatchObject([{ type: "thinking", thinking: thoughts }, text(sentence)]);
    expect(final.usage).toMatchObject({ output_tokens: 14, cache_creation_input_tokens: 0 });
    expect(final.usage.input_tokens + (final.usage.cache_read_input_tokens ?? 0)).toBe(13);
  });

  test("answers with sense from a model that has some", async () => {
    const { content } = await client.messages.create({
      ...greedy,
      model: "SmolLM2-135M-Instruct",
      max_tokens: 30,
      messages: ask("What is 2+2?"),
    });
    expect(content[0]?.type === "text" && content[0].text).toContain("4");
  });

  test("max_tokens cuts the message, a stop sequence ends it before", async () => {
    expect(await client.messages.create({ ...hello, max_tokens: 3 })).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 3 },
    });
    const stopped = await client.messages.stream({ ...hello, stop_sequences: [" tiny"] }).finalMessage();
    expect(stopped).toMatchObject({
      content: [text("hello from the")],
      stop_reason: "stop_sequence",
      stop_sequence: " tiny",
    });
  });

  test("tokens are counted as they are billed", async () => {
    const body = { model: "tiny-text", messages: ask("say hello"), tools: [weatherTool], system: "Be kind." };
    const { input_tokens } = await client.messages.countTokens(body);
    const { usage } = await client.messages.create({ ...body, max_tokens: 1 });
    expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0)).toBe(input_tokens);
  });
});

describe("tools and schemas", () => {
  test("a tool is called, streamed, and its answer is answered", async () => {
    const first = await client.messages.stream({ ...hello, tools: [weatherTool] }).finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    expect(call).toMatchObject({ name: "get_weather", input: { city: sentence } });
    const second = await client.messages.create({
      ...hello,
      tools: [weatherTool],
      messages: [
        ...hello.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "", content: "hello" }] },
      ],
    });
    expect(second).toMatchObject({ stop_reason: "end_turn", content: [text(sentence)] });
  });

  test.each([false, true])("the SDK runs tools by itself (streamed: %s)", async (stream) => {
    const cities: unknown[] = [];
    const tool = {
      type: "custom" as const,
      ...weatherTool,
      parse: (input: unknown) => input as { city: string },
      run: ({ city }: { city: string }) => {
        cities.push(city);
        return "hello";
      },
    };
    const runner = client.beta.messages.toolRunner({ ...hello, tools: [tool], stream });
    expect((await runner.runUntilDone()).content).toMatchObject([text(sentence)]);
    expect(cities).toEqual([sentence]);
  });

  test("an answer keeps to a schema", async () => {
    const format = jsonSchemaOutputFormat({
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
    });
    const { parsed_output } = await client.messages.parse({ ...hello, output_config: { format } });
    expect(parsed_output).toEqual({ text: sentence });
  });
});

describe("errors", () => {
  async function failure(call: Promise<unknown>): Promise<APIError> {
    const error = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof APIError)) throw new Error(`No such error: ${error}`);
    return error;
  }

  test("are of their classes", async () => {
    const wrong = await failure(clientWith(`sk-${"0".repeat(48)}`).messages.create(hello));
    expect(wrong).toBeInstanceOf(AuthenticationError);
    expect(wrong).toMatchObject({ status: 401, type: "authentication_error" });
    expect(wrong.requestID).toMatch(/^req_/);
    const unknown = await failure(client.messages.create({ ...hello, model: "no-such-model" }));
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect(unknown.type).toBe("not_found_error");
    const bad = await failure(client.messages.create({ ...hello, max_tokens: 0 }));
    expect(bad).toBeInstanceOf(BadRequestError);
    expect(bad.message).toContain("max_tokens");
    const server = { type: "web_search_20250305", name: "web_search" } as const;
    const tool = await failure(client.messages.create({ ...hello, tools: [server] }));
    expect(tool.message).toContain("not available here");
    const poor = await gateway.createUser({ tier: "payg", balance: 0 });
    const unpaid = await failure(clientWith(poor.apiKey).messages.create(hello));
    expect(unpaid).toBeInstanceOf(PaymentRequiredError);
    expect(unpaid.type).toBe("billing_error");
  });

  test("of a rate limit say when to come back", async () => {
    const { apiKey } = await gateway.createUser({ limits: { requests_per_minute: 1 } });
    const limited = clientWith(apiKey);
    await limited.messages.create(hello);
    const error = await failure(limited.messages.create(hello));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0);
  });

  test("come in the middle of a stream as well", async () => {
    const error = await failure(client.messages.stream({ ...hello, model: "mock" }).finalMessage());
    expect(error.type).toBe("api_error");
  });
});

test("aborting a stream frees the engine, and what was made is billed", async () => {
  const stream = client.messages.stream({
    model: "tiny-text",
    max_tokens: 6000,
    messages: ask("count"),
  });
  let deltas = 0;
  stream.on("text", () => {
    if (++deltas === 3) stream.abort();
  });
  await expect(stream.done()).rejects.toThrow();
  await expect.poll(async () => (await gateway.slotState(0)).in_flight, { timeout: 1_000 }).toBe(0);
  const lastRow = () => usageOf(gateway.dataDir, userId).at(-1);
  await expect.poll(lastRow).toMatchObject({ endpoint: "messages", outcome: "client_left", estimated: 0 });
  expect(lastRow()?.completion_tokens).toBeGreaterThanOrEqual(3);
  expect(lastRow()?.completion_tokens).toBeLessThan(6000);
});
