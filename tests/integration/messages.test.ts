/** `/v1/messages` on a real engine, as a bare HTTP client sees it, and what is paid for it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chat, counting, hello, sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, type UsageRow, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import {
  countOn,
  type Message,
  postMessage,
  promptTokens,
  sayHello,
  streamedEvents,
  textBlock,
  weatherTool,
  wholeMessage,
} from "../harness/messages.ts";

const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };

let gateway: Gateway;
let target: { url: string; key: string; userId: number };

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text }),
    gateway.loadModel(1, { model_path: modelFiles.think }),
  ]);
  target = await newTarget();
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function newTarget() {
  const user = await gateway.createUser();
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

describe("a message", () => {
  test("has Anthropic's shape", async () => {
    expect(await wholeMessage(target, sayHello)).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "tiny-text",
      content: [textBlock(sentence)],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: {
        input_tokens: expect.any(Number),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: expect.any(Number),
        output_tokens: 7,
      },
    });
  });

  test("is streamed in Anthropic's order, with what the prompt came to at its start", async () => {
    const events = await streamedEvents(target, sayHello);
    expect(events.map(({ type }) => type)).toEqual([
      "message_start",
      "content_block_start",
      ...Array(6).fill("content_block_delta"),
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const last = events.at(-2) as unknown as { delta: object; usage: Message["usage"] };
    expect(last).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { output_tokens: 7 } });
    expect(events[0]).toMatchObject({ message: { usage: { ...last.usage, output_tokens: 0 } } });
    expect(last.usage.input_tokens).toBeGreaterThan(0);
  });

  test("may be cut", async () => {
    expect(await wholeMessage(target, { ...countOn, max_tokens: 3 })).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 3 },
    });
  });

  test("carries the model's thoughts apart from its text", async () => {
    const body = { ...sayHello, model: "tiny-think", thinking: { type: "enabled", budget_tokens: 1024 } };
    const [thoughts, answer] = (await wholeMessage(target, body)).content;
    expect(String(thoughts?.thinking).trim()).toBe("how to describe a sound");
    expect(answer).toEqual(textBlock(sentence));
    const blocks = (await streamedEvents(target, body)).filter(({ type }) => type === "content_block_start");
    expect(blocks.map((event) => event.content_block)).toMatchObject([
      { type: "thinking" },
      { type: "text" },
    ]);
  });

  test("calls a tool, and takes its answer with what was thought before", async () => {
    const first = await wholeMessage(target, {
      ...sayHello,
      tools: [weatherTool],
      tool_choice: { type: "any" },
    });
    const [call] = first.content;
    expect(first.stop_reason).toBe("tool_use");
    expect(call).toMatchObject({ type: "tool_use", name: "get_weather", input: { city: sentence } });
    const assistant = [{ type: "thinking", thinking: "hm", signature: "x" }, call];
    const result = { type: "tool_result", tool_use_id: call?.id, content: [textBlock("hello")] };
    const second = await wholeMessage(target, {
      tools: [weatherTool],
      messages: [
        ...sayHello.messages,
        { role: "assistant", content: assistant },
        { role: "user", content: [result, textBlock("go on")] },
      ],
    });
    expect(second).toMatchObject({ content: [textBlock(sentence)], stop_reason: "end_turn" });
  });

  test("whose call of a tool is cut says so", async () => {
    const body = { ...sayHello, tools: [weatherTool], tool_choice: { type: "any" }, max_tokens: 30 };
    const { content, stop_reason } = await wholeMessage(target, body);
    expect({ content, stop_reason }).toMatchObject({
      content: [{ type: "tool_use", input: {} }],
      stop_reason: "max_tokens",
    });
  });

  test("goes on where its answer was begun", async () => {
    const begun = { role: "assistant", content: "hello from" };
    const { content } = await wholeMessage(target, { messages: [...sayHello.messages, begun] });
    expect(content).toEqual([textBlock(" the tiny test model")]);
  });

  test("keeps to a schema", async () => {
    const schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
    const format = { type: "json_schema", schema };
    const { content } = await wholeMessage(target, { ...sayHello, output_config: { format } });
    expect(JSON.parse(String(content[0]?.text))).toEqual({ text: sentence });
  });
});

describe("what is paid", () => {
  const paid = ({ prompt_tokens, completion_tokens, cost_nanos, estimated, outcome }: UsageRow) => ({
    prompt_tokens,
    completion_tokens,
    cost_nanos,
    estimated,
    outcome,
  });
  const stopped = { ...countOn, stop_sequences: [" nine"] };
  const stoppedInTokens = { ...countOn, stop_sequences: ["ne tw"] };

  test.each([
    ["an answer that ends by itself", sayHello, hello],
    ["one that is cut", { ...countOn, max_tokens: 25 }, { ...counting, max_tokens: 25 }],
    ["one that a stop sequence ends", stopped, { ...counting, stop: " nine" }],
    ["one at a sequence that spans tokens", stoppedInTokens, { ...counting, stop: "ne tw" }],
  ])("for %s is what a chat costs, streamed and whole", async (_name, body, chatBody) => {
    const mine = await newTarget();
    const asked = await chat(mine, { model: "tiny-text", ...chatBody });
    const answer = (await asked.json()) as { choices: [{ message: { content: string } }] };
    const whole = await wholeMessage(mine, body);
    expect(whole.content).toEqual([textBlock(answer.choices[0].message.content)]);
    await streamedEvents(mine, body);
    const [inChat, wholly, streamed] = usageOf(gateway.dataDir, mine.userId);
    if (!inChat || !wholly || !streamed) throw new Error("There are fewer than three rows");
    expect(paid(wholly)).toEqual(paid(inChat));
    expect(paid(streamed)).toEqual(paid(inChat));
    expect(wholly).toMatchObject({
      endpoint: "messages",
      streamed: 0,
      prompt_tokens: promptTokens(whole),
      completion_tokens: whole.usage.output_tokens,
    });
    expect(streamed.streamed).toBe(1);
    expect(databaseFaults(gateway.dataDir)).toEqual([]);
  });

  const lastRow = () => usageOf(gateway.dataDir, target.userId).at(-1);

  test.each([false, true])(
    "a stop sequence is named, and frees the engine (streamed: %s)",
    async (stream) => {
      const body = { ...countOn, stop_sequences: ["never", " four"], max_tokens: 4000 };
      const ending = { stop_reason: "stop_sequence", stop_sequence: " four" };
      if (stream) expect((await streamedEvents(target, body)).at(-2)).toMatchObject({ delta: ending });
      else
        expect(await wholeMessage(target, body)).toMatchObject({
          ...ending,
          content: [textBlock(" one two three")],
        });
      expect(lastRow()).toMatchObject({ completion_tokens: 4, estimated: 0, outcome: "ok" });
      expect((await gateway.slotState(0)).in_flight).toBe(0);
    },
  );

  test("by a client that leaves is what was made", async () => {
    const client = new AbortController();
    const body = { ...countOn, max_tokens: 6000, stream: true };
    const reader = (await postMessage(target, body, client.signal)).body?.getReader();
    for (let piece = 0; piece < 3; piece++) await reader?.read();
    client.abort();
    await expect.poll(async () => (await gateway.slotState(0)).in_flight, { timeout: 1_000 }).toBe(0);
    await expect.poll(lastRow).toMatchObject({ outcome: "client_left", estimated: 0, streamed: 1 });
    expect(lastRow()?.completion_tokens).toBeGreaterThan(2);
    expect(lastRow()?.completion_tokens).toBeLessThan(6000);
  });
});
