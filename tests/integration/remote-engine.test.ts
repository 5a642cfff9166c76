/** A remote engine that is slow, wrong, or falls silent: what its clients see. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chat, chunksOf, hello, openStream, textOf } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import {
  diesMidStream,
  endsTooSoon,
  gap,
  hugeEvent,
  inPieces,
  instant,
  neverAnswers,
  refuses,
  slow,
  stalls,
  wrongJson,
} from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { waitFor } from "../harness/wait.ts";

let gateway: Gateway;
let engine: MockEngine;
let target: { url: string; key: string };
const body = { ...hello, model: "mock" };

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: { ...unlimited, engine_stall_s: 2 } });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterEach(async () => {
  engine.behaviour = instant();
  engine.hangUp();
  await waitFor("no request to be open at the engine", () => engine.open === 0);
  await waitFor("the slot to answer", async () => (await chat(target, body)).status === 200);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

async function wholeAnswer(): Promise<{
  status: number;
  answer: { error?: { code: string }; choices: { message: { content: string } }[] };
}> {
  const response = await chat(target, body);
  return { status: response.status, answer: await response.json() };
}

describe("what a good engine says arrives unchanged", () => {
  test("a slow answer", async () => {
    engine.behaviour = slow(1500);
    expect((await wholeAnswer()).answer.choices[0]?.message.content).toBe("hello from the mock");
  });

  test("a stream arrives as it is made, not at its end", async () => {
    engine.behaviour = gap(100, ["a", "b", "c", "d", "e"]);
    const stream = await openStream(target, body);
    const times: number[] = [];
    for (let event = await stream.next(); event !== null; event = await stream.next())
      if (event.includes('"content":"')) times.push(performance.now());
    expect(times).toHaveLength(5);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(300);
  });

  test.each([1, 2, 3, 7, 64])("a stream cut every %i bytes, through characters and events", async (size) => {
    const words = [
      "grüße ",
      "世界 ",
      "👩‍👩‍👧 ",
      "e\u0301 ",
      '"quoted\\" ',
      "\u2028line\n\n",
      "data: not an event\n\n",
    ];
    engine.behaviour = inPieces(words, size);
    const events = await (await openStream(target, body)).rest();
    expect(textOf(events)).toBe(words.join(""));
    expect(events.at(-1)).toBe("[DONE]");
  });

  test("one event of three megabytes", async () => {
    engine.behaviour = hugeEvent(3_000_000);
    const events = await (await openStream(target, body)).rest();
    expect(textOf(events)).toHaveLength(3_000_000);
  });
});

describe("what a bad engine says becomes a clear error", () => {
  test.each([
    ["breaks the connection", diesMidStream(3)],
    ["ends too soon", endsTooSoon(3)],
    ["falls silent", stalls(3)],
  ])("a stream whose engine %s ends with an error and without [DONE]", async (_name, behaviour) => {
    engine.behaviour = behaviour;
    const events = await (await openStream(target, body)).rest();
    expect(textOf(events.slice(0, -1))).toBe("word0 word1 word2 ");
    expect(chunksOf(events.slice(-1))[0]?.error).toMatchObject({
      type: "server_error",
      code: expect.any(String),
    });
  });

  test.each([
    ["breaks the connection", diesMidStream(0), [502]],
    ["never answers", neverAnswers(), [504]],
    ["answers with no JSON", wrongJson(), [502]],
    ["has an internal error", refuses(500, { error: { message: "boom", code: 500 } }), [502]],
    ["is overloaded", refuses(503, { error: { message: "Loading model", code: 503 } }), [503]],
    ["does not let us in", refuses(401, { error: { message: "bad key", code: 401 } }), [502, 503]],
    ["limits us", refuses(429, { error: { message: "slow down" } }), [429, 503]],
    [
      "refuses in words of its own",
      refuses(400, { error: { message: "temperature is odd", code: 400 } }),
      [400],
    ],
    ["refuses with a page", refuses(400, "<html>Bad Request</html>"), [400, 502]],
    ["refuses with nothing", refuses(404, ""), [404, 502, 503]],
  ])("a whole answer whose engine %s", async (_name, behaviour, statuses) => {
    engine.behaviour = behaviour;
    const { status, answer } = await wholeAnswer();
    expect(statuses).toContain(status);
    expect(answer).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  });

  test("a stream that is refused before its first event has that status", async () => {
    engine.behaviour = refuses(400, { error: { message: "temperature is odd", code: 400 } });
    const { response } = await openStream(target, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining("temperature is odd") },
    });
  });

  test("a stream of no JSON", async () => {
    engine.behaviour = wrongJson();
    const stream = await openStream(target, body);
    if (stream.response.ok)
      expect(chunksOf((await stream.rest()).slice(-1))[0]?.error).toMatchObject({ type: "server_error" });
    else expect(stream.response.status).toBe(502);
  });
});

test("a client that leaves before a whole answer came owes its prompt, marked as an estimate", async () => {
  engine.behaviour = slow(5_000);
  const user = await gateway.createUser();
  const leaving = new AbortController();
  const asked = chat({ url: gateway.url, key: user.apiKey }, body, leaving.signal);
  await waitFor("the engine to have the request", () => engine.open === 1);
  leaving.abort();
  await expect(asked).rejects.toThrow(/abort/i);
  const row = await waitFor("the usage row", () => usageOf(gateway.dataDir, user.id).at(-1));
  expect(row).toMatchObject({ outcome: "client_left", estimated: 1, completion_tokens: 0 });
  expect(row.prompt_tokens).toBeGreaterThan(0);
  expect(row.charge_nanos).toBeGreaterThan(0);
});

test("a stream that waits for its first word is kept alive by comments, under its own status", async () => {
  const waiting = await startGateway({ config: { ...unlimited, engine_stall_s: 60 } });
  try {
    await waiting.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
    engine.behaviour = slow(16_000);
    const startedMs = performance.now();
    const response = await chat({ url: waiting.url, key: waiting.adminKey }, { ...body, stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(performance.now() - startedMs).toBeGreaterThan(9_000);
    const text = await response.text();
    expect(text.startsWith(": ")).toBe(true);
    expect(text).not.toMatch(/^event:/m);
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
  } finally {
    await waiting[Symbol.asyncDispose]();
  }
}, 40_000);
