/** The shape of answers, chunks and headers, as the wire has them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, chunksOf, hello, openStream, sentence, textOf } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
let target: { url: string; key: string };
const body = { ...hello, model: "tiny-text" };

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

test("a whole answer has every field of OpenAI's, and none of the engine's own", async () => {
  const response = await chat(target, body);
  const answer = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(answer).sort()).toEqual(
    ["choices", "created", "id", "model", "object", "system_fingerprint", "usage"].sort(),
  );
  expect(answer).toMatchObject({
    id: expect.stringMatching(/^chatcmpl-/),
    object: "chat.completion",
    created: expect.any(Number),
    model: "tiny-text",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: sentence, refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
  });
  const headers = Object.fromEntries(response.headers);
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "x-request-id": expect.stringMatching(/^req_/),
    "openai-processing-ms": expect.stringMatching(/^\d+$/),
    "server-timing": expect.stringContaining("dur="),
    "x-ratelimit-limit-requests": "1000000",
    "x-ratelimit-reset-requests": expect.stringMatching(/^\d+s$/),
  });
  for (const name of ["server", "access-control-allow-origin"]) expect(headers).not.toHaveProperty(name);
});

test("a page of another origin may read the answer and its headers", async () => {
  const response = await fetch(`${target.url}/v1/models`, {
    headers: { authorization: `Bearer ${target.key}`, origin: "https://app.example" },
  });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
});

test("a stream has chunks of one id, a role first, a finish once, and none of the engine's own fields", async () => {
  const stream = await openStream(target, body);
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
    "x-request-id": expect.stringMatching(/^req_/),
  });
  const events = await stream.rest();
  expect(events.at(-1)).toBe("[DONE]");
  const chunks = chunksOf(events);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant" });
  expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason).length).toBe(1);
  expect(textOf(events)).toBe(sentence);
  for (const foreign of ["timings", "prompt_progress", "usage"])
    expect(events.join("")).not.toContain(`"${foreign}"`);
});

test("request ids are the gateway's and differ", async () => {
  const ids = new Set<string | null>();
  for (let i = 0; i < 5; i++) ids.add((await chat(target, body)).headers.get("x-request-id"));
  expect(ids.size).toBe(5);
});

test("800 requests in a row and at once all succeed on the same engine", async () => {
  const { pid } = await gateway.slotState(0);
  const statuses = new Map<number, number>();
  const worker = async () => {
    for (let i = 0; i < 100; i++) {
      const response = await chat(target, { ...body, max_tokens: 2 });
      await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(Object.fromEntries(statuses)).toEqual({ 200: 800 });
  expect((await gateway.slotState(0)).pid).toBe(pid);
}, 60_000);

test("an answer that continues the caller's own words does not repeat them", async () => {
  const messages = [...hello.messages, { role: "assistant", content: "hello from the" }];
  const whole = (await (await chat(target, { ...body, messages })).json()) as {
    choices: [{ message: { content: string } }];
  };
  const streamed = textOf(await (await openStream(target, { ...body, messages })).rest());
  expect(whole.choices[0].message.content).toBe(streamed);
  expect(streamed.trim()).toBe("tiny test model");
});
