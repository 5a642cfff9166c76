/** `/v1/messages/count_tokens` against what the same message is then billed for. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pngBase64 } from "../fixtures/media.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import {
  countedTokens,
  postMessage,
  promptTokens,
  sayHello,
  textBlock,
  weatherTool,
  wholeMessage,
} from "../harness/messages.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";

let gateway: Gateway;
let engine: MockEngine;
let target: { url: string; key: string; userId: number };

beforeAll(async () => {
  engine = await mockEngine();
  const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text }),
    gateway.loadModel(1, { model_path: modelFiles.think }),
    gateway.loadModel(2, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni }),
    gateway.loadModel(3, { remote: { base_url: engine.baseUrl, model: "mock" } }),
  ]);
  const user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const source = { type: "base64", media_type: "image/png", data: pngBase64(64, 64) };
const image = { type: "image", source };
const call = { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Ulm" } };
const result = (...content: object[]) => ({ type: "tool_result", tool_use_id: "toolu_1", content });
const thoughts = { type: "thinking", thinking: "hm hm", signature: "" };

const afterAnswer = (assistant: object[], ...user: object[]) => [
  ...sayHello.messages,
  { role: "assistant", content: assistant },
  { role: "user", content: user },
];

test.each([
  ["text", sayHello],
  ["a system prompt", { ...sayHello, system: [textBlock("a"), textBlock("b")] }],
  ["tools", { ...sayHello, tools: [weatherTool], tool_choice: { type: "auto" } }],
  ["tools that may not be called", { ...sayHello, tools: [weatherTool], tool_choice: { type: "none" } }],
  [
    "a tool's answer",
    { tools: [weatherTool], messages: afterAnswer([textBlock("Well."), call], result(textBlock("hello"))) },
  ],
  [
    "thoughts",
    {
      model: "tiny-think",
      thinking: { type: "adaptive" },
      messages: afterAnswer([thoughts, textBlock("x")], textBlock("again")),
    },
  ],
  [
    "images",
    { model: "tiny-omni", messages: [{ role: "user", content: [textBlock("describe"), image, image] }] },
  ],
  ["a tool's image", { model: "tiny-omni", messages: afterAnswer([call], result(image), textBlock("this")) }],
  ["what a begun answer has", { messages: [...sayHello.messages, { role: "assistant", content: "hello" }] }],
])("counts %s as the message does, for nothing", async (_what, body) => {
  const counted = await countedTokens(target, body);
  expect(usageOf(gateway.dataDir, target.userId).at(-1)).toMatchObject({
    endpoint: "messages.count_tokens",
    outcome: "ok",
    prompt_tokens: 0,
    completion_tokens: 0,
    cost_nanos: 0,
    estimated: 0,
  });
  expect(promptTokens(await wholeMessage(target, { ...body, max_tokens: 2 }))).toBe(counted);
});

test("counts what is too long to be answered", async () => {
  const long = { messages: [{ role: "user", content: "word ".repeat(20_000) }] };
  expect(await countedTokens(target, long)).toBeGreaterThan(20_000);
  const response = await postMessage(target, long);
  expect(response.status).toBe(400);
  const message = expect.stringMatching(/^prompt is too long: .*\d{5}/);
  expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", message } });
});

test("estimates for a remote, which is not asked", async () => {
  const short = await countedTokens(target, { ...sayHello, model: "mock" });
  const tools = [weatherTool];
  expect(await countedTokens(target, { ...sayHello, model: "mock", tools })).toBeGreaterThan(short + 20);
  expect(short).toBeGreaterThan(0);
  expect(engine.requests).toEqual([]);
});
