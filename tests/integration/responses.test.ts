/** `/v1/responses` for the official JavaScript SDK, unmodified, on real engines. */
import OpenAI from "openai";
import type { Responses } from "openai/resources/responses/responses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chat, counting, hello, sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

const weatherTool: Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
const ask = { model: "tiny-text", temperature: 0, input: "say hello" };

let gateway: Gateway;
let target: { url: string; key: string; userId: number };
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.think });
  await gateway.loadModel(2, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  const user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: user.apiKey, maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

/** The SDK's own stream helper, and beside what it puts together the response that the last event holds. */
async function streamed(fields: object) {
  const types: string[] = [];
  let last: Responses.Response | undefined;
  const stream = client.responses.stream({ ...ask, ...fields });
  stream.on("event", (event) => {
    types.push(event.type.replace("response.", ""));
    if ("response" in event) last = event.response;
  });
  const final = await stream.finalResponse();
  if (!last) throw new Error("No event held a response");
  return { types, response: last, final };
}

/** What differs between two answers to the same request, and so cannot be compared. */
function comparable(response: object) {
  const text = JSON.stringify({ ...response, id: "", created_at: 0, completed_at: 0 });
  return JSON.parse(
    text.replaceAll(/"(msg|rs|fc)_\w+"/g, '"$1"').replaceAll(/"call_id":"\w+"/g, '"call_id":""'),
  );
}

describe("text", () => {
  test("is answered whole, with its usage", async () => {
    const { data, request_id } = await client.responses.create(ask).withResponse();
    expect(data.output_text).toBe(sentence);
    expect(data).toMatchObject({ object: "response", status: "completed", model: "tiny-text", store: false });
    expect(data.usage?.total_tokens).toBe((data.usage?.input_tokens ?? 0) + (data.usage?.output_tokens ?? 0));
    expect(request_id).toMatch(/\S/);
  });

  test("streams in OpenAI's order", async () => {
    const stream = await client.responses.create({ ...ask, stream: true });
    const events: Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const types = events.map(({ type }) => type);
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const text = events.map((event) => (event.type === "response.output_text.delta" ? event.delta : ""));
    expect(text.join("")).toBe(sentence);
  });

  test("that is cut says why, streamed and whole", async () => {
    const cut = { ...ask, input: "count", max_output_tokens: 5 };
    const response = await client.responses.create(cut);
    expect(response).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ type: "message", status: "incomplete" }],
      usage: { output_tokens: 5 },
    });
    const { types, response: last } = await streamed(cut);
    expect(types.at(-1)).toBe("incomplete");
    expect(comparable(last).output).toEqual(comparable(response).output);
  });

  test("follows a talk that is sent again, with instructions", async () => {
    const first = await client.responses.create({ ...ask, instructions: "Be kind." });
    const input: Responses.ResponseInput = [{ role: "user", content: "say hello" }, ...first.output];
    input.push({ role: "user", content: [{ type: "input_text", text: "again" }] });
    const second = await client.responses.create({ ...ask, instructions: "Be kind.", input });
    expect(second.output_text).toBe(sentence);
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
  });

  test("answers with sense from a model that has some", async () => {
    const question = { model: "SmolLM2-135M-Instruct", input: "What is 2+2?", temperature: 0 };
    expect((await client.responses.create({ ...question, max_output_tokens: 30 })).output_text).toContain(
      "4",
    );
  });

  test("gives log probabilities", async () => {
    const include: Responses.ResponseIncludable[] = ["message.output_text.logprobs"];
    const asked = { ...ask, include, top_logprobs: 2 };
    const { output } = await client.responses.create(asked);
    const [part] = output[0]?.type === "message" ? output[0].content : [];
    const tokens = part?.type === "output_text" ? (part.logprobs ?? []) : [];
    expect(tokens.slice(0, 2).map(({ token }) => token)).toEqual(["hello", " from"]);
    expect(tokens[0]?.top_logprobs).toHaveLength(2);
  });
});

describe("usage", () => {
  test.each([
    ["an answer that ends by itself", {}, hello],
    ["an answer that is cut", { input: "count", max_output_tokens: 25 }, { ...counting, max_tokens: 25 }],
    [
      "a sampled answer",
      { input: "count", temperature: 1.5, seed: 7, max_output_tokens: 30 },
      { ...counting, temperature: 1.5, seed: 7, max_tokens: 30 },
    ],
  ])("of %s is the same streamed, whole, and as a chat", async (_name, fields, body) => {
    const rows = () => usageOf(gateway.dataDir, target.userId);
    const before = rows().length;
    const whole = await client.responses.create({ ...ask, ...fields });
    const { response } = await streamed(fields);
    expect(comparable(response).output).toEqual(comparable(whole).output);
    const chatAnswer = await (await chat(target, { model: "tiny-text", ...body })).json();
    const [wholeRow, streamRow, chatRow] = rows().slice(before);
    expect(wholeRow).toMatchObject({
      endpoint: "responses",
      outcome: "ok",
      streamed: 0,
      estimated: 0,
      prompt_tokens: whole.usage?.input_tokens,
      completion_tokens: whole.usage?.output_tokens,
    });
    expect(streamRow).toMatchObject({ endpoint: "responses", streamed: 1, estimated: 0 });
    for (const field of ["prompt_tokens", "completion_tokens"] as const) {
      expect(streamRow?.[field]).toBe(wholeRow?.[field]);
      expect(chatRow?.[field]).toBe(wholeRow?.[field]);
      expect(chatAnswer.usage[field]).toBe(wholeRow?.[field]);
    }
    expect(databaseFaults(gateway.dataDir)).toEqual([]);
  });
});

test("reasoning is an item of its own, counted, and may be sent back", async () => {
  const thinking = { ...ask, model: "tiny-think" };
  const whole = await client.responses.create(thinking);
  expect(whole.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
  const [reasoning] = whole.output;
  const [content] = reasoning?.type === "reasoning" ? (reasoning.content ?? []) : [];
  expect(content?.text.trim()).toBe("how to describe a sound");
  expect(whole.output_text).toBe(sentence);
  const { reasoning_tokens: tokens } = whole.usage?.output_tokens_details ?? {};
  expect(tokens).toBeGreaterThanOrEqual(5);
  expect(tokens).toBeLessThan(whole.usage?.output_tokens ?? 0);
  const { types, response } = await streamed(thinking);
  expect(types).toContain("reasoning_text.delta");
  expect(types.indexOf("reasoning_text.done")).toBeLessThan(types.indexOf("output_text.delta"));
  expect(comparable(response).usage).toEqual({
    ...whole.usage,
    input_tokens_details: expect.anything(), // The second time the prompt is in the engine's cache.
  });
  const input: Responses.ResponseInput = [{ role: "user", content: "say hello" }, ...whole.output];
  const second = await client.responses.create({
    ...thinking,
    input: [...input, { role: "user", content: "again" }],
  });
  expect(second.output_text).toBe(sentence);
});

describe("tools and schemas", () => {
  test("a function is called, and what it gave is answered", async () => {
    const input: Responses.ResponseInput = [{ role: "user", content: "say hello" }];
    const first = await client.responses.create({ ...ask, input, tools: [weatherTool] });
    const call = first.output.find((item) => item.type === "function_call");
    if (!call) throw new Error("No function was called");
    expect(call).toMatchObject({ name: "get_weather", status: "completed" });
    expect(JSON.parse(call.arguments)).toEqual({ city: sentence });
    input.push(...first.output, { type: "function_call_output", call_id: call.call_id, output: "hello" });
    const second = await client.responses.create({ ...ask, input, tools: [weatherTool] });
    expect(second).toMatchObject({ status: "completed", output_text: sentence });
  });

  test("calls stream, and the SDK parses their arguments", async () => {
    const { types, response, final } = await streamed({ tools: [weatherTool] });
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ]);
    const whole = await client.responses.create({ ...ask, tools: [weatherTool] });
    expect(final.output).toMatchObject([{ status: "completed", name: "get_weather" }]);
    expect(comparable(response).output).toEqual(comparable(whole).output);
    expect(response.usage?.output_tokens).toBe(whole.usage?.output_tokens);
  });

  test("tool_choice names a function, or none", async () => {
    const tools = [weatherTool, { ...weatherTool, name: "get_time" }];
    const named = await client.responses.create({
      ...ask,
      tools,
      tool_choice: { type: "function", name: "get_time" },
    });
    expect(named.output).toMatchObject([{ type: "function_call", name: "get_time" }]);
    const none = await client.responses.create({ ...ask, tools, tool_choice: "none" });
    expect(none.output_text).toBe(sentence);
  });

  test("json_schema answers parse", async () => {
    const schema = {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    };
    const format = { type: "json_schema" as const, name: "answer", strict: true, schema };
    const parsed = await client.responses.parse({ ...ask, text: { format } });
    expect(JSON.parse(parsed.output_text)).toEqual({ text: sentence });
  });
});
