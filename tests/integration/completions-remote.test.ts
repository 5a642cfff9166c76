/** `/v1/completions` on a remote engine, which counts all choices of a request together. */
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postJson } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { diesMidStream } from "../harness/mock-behaviours.ts";
import { completes } from "../harness/mock-completions.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { waitFor } from "../harness/wait.ts";

const words = [" hello", " from", " the", " mock"];
const body = { model: "mock", prompt: ["one", "two"], n: 2, echo: true, best_of: 2, user: "me" };

let gateway: Gateway;
let engine: MockEngine;
let openai: OpenAI;
let user: { id: number; apiKey: string };

beforeAll(async () => {
  engine = await mockEngine({ behaviour: completes(words) });
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  user = await gateway.createUser();
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: user.apiKey, maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const texts = ["one", "one", "two", "two"].map((prompt) => prompt + words.join(""));
const counted = { prompt_tokens: 8, completion_tokens: 16 };

test("it is asked as the client asked, and its answer comes under the gateway's name", async () => {
  const answer = await openai.completions.create(body);
  expect(answer).toMatchObject({ id: "cmpl-mock", object: "text_completion", model: "mock", usage: counted });
  expect(answer.choices.map(({ text }) => text)).toEqual(texts);
  const asked = JSON.parse(engine.requests.at(-1)?.body ?? "");
  expect(asked).toEqual({ model: "mock", prompt: ["one", "two"], n: 2, stream: false, max_tokens: 16 });
  expect(usageOf(gateway.dataDir, user.id).at(-1)).toMatchObject({ ...counted, streamed: 0, estimated: 0 });
});

test("its stream arrives with the prompts echoed, and without a usage that nobody asked for", async () => {
  const stream = await openai.completions.create({ ...body, stream: true });
  const streamed: string[] = [];
  for await (const chunk of stream) {
    expect(chunk).toMatchObject({ id: "cmpl-mock", object: "text_completion", model: "mock" });
    expect(chunk).not.toHaveProperty("usage");
    for (const { index, text } of chunk.choices) streamed[index] = (streamed[index] ?? "") + text;
  }
  expect(streamed).toEqual(texts);
  expect(JSON.parse(engine.requests.at(-1)?.body ?? "")).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(usageOf(gateway.dataDir, user.id).at(-1)).toMatchObject({ ...counted, streamed: 1, estimated: 0 });
});

test("what it did not count before its client left is an estimate, marked as such", async () => {
  engine.behaviour = completes(Array(1_000).fill(" on"), 20);
  const leaving = new AbortController();
  const sent = JSON.stringify({ ...body, stream: true });
  const response = await postJson(`${gateway.url}/v1/completions`, user.apiKey, sent, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  await waitFor("no request to be open at the engine", () => engine.open === 0);
  const row = await waitFor("the usage row", () => {
    const last = usageOf(gateway.dataDir, user.id).at(-1);
    return last?.outcome === "client_left" ? last : undefined;
  });
  expect(row).toMatchObject({ streamed: 1, estimated: 1 });
  expect(row.completion_tokens).toBeGreaterThan(0);
});

test("a stream that breaks ends with an error event and without [DONE]", async () => {
  engine.behaviour = diesMidStream(3);
  const sent = JSON.stringify({ ...body, stream: true });
  const response = await postJson(`${gateway.url}/v1/completions`, user.apiKey, sent);
  const text = await response.text();
  expect(text).not.toContain("[DONE]");
  expect(text).toContain('"engine_crashed"');
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});
