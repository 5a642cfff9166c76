/** `/v1/messages` on a remote that speaks OpenAI's API alone, and how it refuses. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { postMessage, sayHello, streamedEvents, textBlock, wholeMessage } from "../harness/messages.ts";
import { diesMidStream, instant, neverAnswers, refuses, wrongJson } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";

let gateway: Gateway;
let engine: MockEngine;
let target: { url: string; key: string; userId: number };
const body = { ...sayHello, model: "mock" };

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  await gateway.loadModel(1, { model_path: modelFiles.text });
  const user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
});
afterEach(() => {
  engine.behaviour = instant();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

describe("a remote", () => {
  test("is asked as in a chat, stop sequences included", async () => {
    const thinking = { type: "enabled", budget_tokens: 1024 };
    await wholeMessage(target, { ...body, system: "Be kind.", stop_sequences: ["#"], thinking });
    expect(JSON.parse(engine.requests.at(-1)?.body ?? "")).toEqual({
      model: "mock",
      stream: false,
      messages: [{ role: "system", content: "Be kind." }, ...sayHello.messages],
      max_tokens: 200,
      temperature: 0,
      stop: ["#"],
    });
  });

  test("answers whole and streamed, and its counts are billed", async () => {
    expect(await wholeMessage(target, body)).toMatchObject({
      model: "mock",
      content: [textBlock("hello from the mock")],
      usage: { input_tokens: 7, output_tokens: 4 },
    });
    const events = await streamedEvents(target, body);
    expect(events[0]).toMatchObject({ message: { model: "mock", usage: { input_tokens: 0 } } });
    expect(events.at(-2)).toMatchObject({ usage: { input_tokens: 7, output_tokens: 4 } });
    const rows = usageOf(gateway.dataDir, target.userId).slice(-2);
    for (const row of rows)
      expect(row).toMatchObject({
        prompt_tokens: 7,
        completion_tokens: 4,
        estimated: 0,
        endpoint: "messages",
      });
  });

  test("that fails in the middle ends the stream with an error", async () => {
    engine.behaviour = diesMidStream(2);
    const events = await streamedEvents(target, body);
    expect(events.at(-1)).toEqual({
      type: "error",
      error: { type: "api_error", message: expect.any(String) },
      request_id: expect.stringMatching(/^req_/),
    });
    expect(events.some(({ type }) => type === "message_stop")).toBe(false);
  });

  test.each([
    ["that has no more room", refuses(429, { error: { message: "x" } }), 503, "overloaded_error"],
    ["that refuses the request", refuses(400, { error: { message: "no" } }), 400, "invalid_request_error"],
    ["that says nonsense", wrongJson(), 502, "api_error"],
  ])("%s fails as Anthropic would", async (_what, behaviour, status, type) => {
    engine.behaviour = behaviour;
    for (const stream of [false, true]) {
      const response = await postMessage(target, { ...body, stream });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ type: "error", error: { type } });
    }
  });

  test("that says nothing is let go when the client leaves", async () => {
    engine.behaviour = neverAnswers();
    const { aborted } = engine;
    const client = new AbortController();
    const asked = postMessage(target, body, client.signal);
    await expect.poll(() => engine.open).toBe(1);
    client.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => engine.aborted).toBe(aborted + 1);
  });
});

describe("a refusal has Anthropic's shape", () => {
  async function expectRefusal(
    path: string,
    { key = target.key, method = "POST", body = {} },
    [status, type, message]: [number, string, RegExp],
  ) {
    const response = await gateway.fetch(path, {
      method,
      headers: { "x-api-key": key, "anthropic-version": "2023-06-01", "content-type": "application/json" },
      body: method === "GET" ? undefined : JSON.stringify(body),
    });
    const requestId = response.headers.get("request-id");
    expect(requestId).toMatch(/^req_/);
    expect(response.headers.get("x-request-id")).toBe(requestId);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      type: "error",
      error: { type, message: expect.stringMatching(message) },
      request_id: requestId,
    });
  }

  const small = { model: "tiny-text", max_tokens: 20, ...sayHello };
  const nobody = { key: `sk-${"0".repeat(48)}` };
  const fetched = { type: "image", source: { type: "url", url: "http://10.0.0.1/" } };
  const withImage = { ...small, messages: [{ role: "user", content: [fetched] }] };
  const tool = { name: "a", input_schema: { pattern: `^${"a*".repeat(500)}$` } };

  test.each<[string, object, [number, string, RegExp]]>([
    ["a wrong key", nobody, [401, "authentication_error", /not valid/]],
    [
      "no such model",
      { body: { ...small, model: "none-such" } },
      [404, "not_found_error", /^model: .*tiny-text/],
    ],
    [
      "no max_tokens",
      { body: { ...small, max_tokens: undefined } },
      [400, "invalid_request_error", /^`max_tokens`/],
    ],
    [
      "an image to be fetched",
      { body: withImage },
      [400, "invalid_request_error", /needs a model of type vision or omni/],
    ],
    [
      "a schema that no engine should see",
      { body: { ...small, tools: [tool] } },
      [400, "invalid_request_error", /^tools\[0\].*pattern/],
    ],
    ["another method", { method: "GET" }, [405, "invalid_request_error", /POST/]],
  ])("for %s", async (_what, options, expected) => {
    await expectRefusal("/v1/messages", options, expected);
  });

  test("for an empty balance", async () => {
    const { apiKey: key } = await gateway.createUser({ tier: "payg", balance: 0 });
    await expectRefusal("/v1/messages", { key, body: small }, [402, "billing_error", /balance|available/]);
  });

  test("below the path as well", async () => {
    const messages = [400, "invalid_request_error", /`messages`/] as [number, string, RegExp];
    await expectRefusal("/v1/messages/count_tokens", {}, messages);
    await expectRefusal("/v1/messages/batches", {}, [404, "not_found_error", /Unknown request URL/]);
    await expectRefusal("/v1/messages/%ZZ", {}, [400, "invalid_request_error", /./]);
  });
});
