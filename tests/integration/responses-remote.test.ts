/** `/v1/responses` on a remote that only knows chats: what its clients see, and what they pay. */
import OpenAI, { APIError, InternalServerError } from "openai";
import type { Responses } from "openai/resources/responses/responses";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { postJson } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import {
  type Behaviour,
  diesMidStream,
  inPieces,
  instant,
  refuses,
  stalls,
} from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";

const ask = { model: "mock", input: "hello", instructions: "Be kind." };

let gateway: Gateway;
let engine: MockEngine;
let client: OpenAI;
let key: string;
let userId: number;

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: { ...unlimited, engine_stall_s: 2 } });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  const user = await gateway.createUser();
  key = user.apiKey;
  userId = user.id;
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
});
beforeEach(() => {
  engine.behaviour = instant();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const lastRow = () => usageOf(gateway.dataDir, userId).at(-1);
const lastRequest = () => JSON.parse(engine.requests.at(-1)?.body ?? "");

/** All that comes of a stream, and the error that the SDK raises at its end. */
async function eventsOf(): Promise<{ events: Responses.ResponseStreamEvent[]; failure: unknown }> {
  const events: Responses.ResponseStreamEvent[] = [];
  try {
    for await (const event of await client.responses.create({ ...ask, stream: true })) events.push(event);
    return { events, failure: null };
  } catch (failure) {
    return { events, failure };
  }
}

/** A remote that thinks under vLLM's newer name and counts it. */
const thinking: Behaviour = async ({ body, response }) => {
  const message = { role: "assistant", reasoning: "hm", content: "4" };
  const usage = {
    prompt_tokens: 7,
    completion_tokens: 5,
    completion_tokens_details: { reasoning_tokens: 3 },
  };
  if (!body.stream) {
    const choices = [{ index: 0, message, finish_reason: "length" }];
    response.end(JSON.stringify({ id: "1", object: "chat.completion", choices, usage }));
    return;
  }
  const chunks = [
    { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] },
    { choices: [{ index: 0, delta: { reasoning: "hm" } }] },
    { choices: [{ index: 0, delta: { content: "4" }, finish_reason: "length" }], usage: null },
    { choices: [], usage },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(": PROCESSING\n\n");
  response.end(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]`);
};

test("it is asked for a chat, and its answer is a response", async () => {
  const response = await client.responses.create(ask);
  expect(lastRequest()).toMatchObject({
    stream: false,
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: "hello" },
    ],
  });
  expect(response).toMatchObject({ status: "completed", model: "mock", output_text: "hello from the mock" });
  expect(lastRow()).toMatchObject({
    endpoint: "responses",
    prompt_tokens: response.usage?.input_tokens,
    completion_tokens: response.usage?.output_tokens,
    estimated: 0,
  });
});

test.each([1, 7, 64])("a stream cut every %i bytes arrives whole", async (size) => {
  const words = ["grüße ", "世界 ", '"quoted\\" ', "data: not an event\n\n"];
  engine.behaviour = inPieces(words, size);
  const { events, failure } = await eventsOf();
  expect(failure).toBeNull();
  const last = events.at(-1);
  expect(last).toMatchObject({
    type: "response.completed",
    response: {
      output: [{ content: [{ text: words.join("") }] }],
      usage: { input_tokens: 7, output_tokens: 4 },
    },
  });
  expect(lastRow()).toMatchObject({ prompt_tokens: 7, completion_tokens: 4, estimated: 0, streamed: 1 });
});

test("reasoning that it tells apart and counts stays so, streamed and whole", async () => {
  engine.behaviour = thinking;
  const whole = await client.responses.create(ask);
  const { events } = await eventsOf();
  const last = events.at(-1);
  if (last?.type !== "response.incomplete") throw new Error(`The stream ends with ${last?.type}`);
  for (const { output, usage, incomplete_details } of [whole, last.response]) {
    expect(output).toMatchObject([
      { type: "reasoning", content: [{ type: "reasoning_text", text: "hm" }] },
      { type: "message", content: [{ text: "4" }] },
    ]);
    expect(usage).toMatchObject({ output_tokens: 5, output_tokens_details: { reasoning_tokens: 3 } });
    expect(incomplete_details).toEqual({ reason: "max_output_tokens" });
  }
});

describe("failures", () => {
  test.each([
    ["breaks the connection", diesMidStream(3), "engine_crashed"],
    ["falls silent", stalls(3), "engine_timeout"],
  ])("when it %s within a stream, the SDK raises an error", async (_name, behaviour, code) => {
    engine.behaviour = behaviour;
    const { events, failure } = await eventsOf();
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ code, type: "server_error" });
    const deltas = events.flatMap((event) =>
      event.type === "response.output_text.delta" ? event.delta : [],
    );
    expect(deltas.join("")).toBe("word0 word1 word2 ");
    expect(lastRow()).toMatchObject({ outcome: "engine_failed", completion_tokens: 3, estimated: 1 });
    expect(databaseFaults(gateway.dataDir)).toEqual([]);
  });

  test("come on the wire as a numbered event, and nothing after it", async () => {
    engine.behaviour = diesMidStream(2);
    const body = JSON.stringify({ ...ask, stream: true });
    const response = await postJson(`${gateway.url}/v1/responses`, key, body);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = (await response.text()).trimEnd().split("\n\n");
    const last = events.at(-1) ?? "";
    expect(last.startsWith("event: error\ndata: ")).toBe(true);
    expect(JSON.parse(last.slice(last.indexOf("{")))).toMatchObject({
      type: "error",
      code: "engine_crashed",
      message: expect.any(String),
      param: null,
      sequence_number: events.length - 1,
    });
  });

  test.each([true, false])("before the first piece have a status (stream: %s)", async (stream) => {
    engine.behaviour = diesMidStream(0);
    const error = await client.responses.create({ ...ask, stream }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 502, code: "engine_crashed" });
    engine.behaviour = refuses(400, { error: { message: "temperature is odd" } });
    const refused = await client.responses.create({ ...ask, stream }).catch((caught: unknown) => caught);
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining("temperature is odd") });
  });
});
