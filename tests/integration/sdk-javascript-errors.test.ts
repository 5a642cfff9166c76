/** The official JavaScript SDK's error classes and its abort, against the gateway and a real engine. */
import OpenAI, {
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

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
  await gateway.loadModel(2, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  client = clientWith((await gateway.createUser()).apiKey);
});
afterAll(async () => gateway[Symbol.asyncDispose]());

describe("errors have the SDK's classes", () => {
  test("401 for an unknown key", async () => {
    const failure = await clientWith(`sk-${"0".repeat(48)}`)
      .models.list()
      .catch((error) => error);
    expect(failure).toBeInstanceOf(AuthenticationError);
    expect(failure).toMatchObject({ status: 401, code: "invalid_api_key", type: "invalid_request_error" });
    expect(failure.requestID).toMatch(/\S/);
  });

  test("402 for an empty balance, which is not retried", async () => {
    const poor = await gateway.createUser({ tier: "payg", balance: 0 });
    const failure = await clientWith(poor.apiKey)
      .chat.completions.create(hello)
      .catch((error) => error);
    expect(failure).toMatchObject({ status: 402, code: "insufficient_balance", type: "insufficient_quota" });
    expect(failure.headers.get("x-should-retry")).toBe("false");
  });

  test("403 for a model that the key may not use", async () => {
    const limited = await gateway.createUser({ limits: { models: ["tiny-think"] } });
    const failure = await clientWith(limited.apiKey)
      .chat.completions.create(hello)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(PermissionDeniedError);
    expect(failure).toMatchObject({ type: "permission_error" });
  });

  test("404 for an unknown model and an unknown address", async () => {
    const model = await client.chat.completions
      .create({ ...hello, model: "no-such-model" })
      .catch((error) => error);
    expect(model).toBeInstanceOf(NotFoundError);
    expect(model).toMatchObject({ code: "model_not_found" });
    const address = await client.get("/no/such/address").catch((error) => error);
    expect(address).toBeInstanceOf(NotFoundError);
    expect(address).toMatchObject({ code: "unknown_url" });
  });

  test("400 names the wrong field", async () => {
    const wrong = { ...hello, messages: [{ role: "user", content: 3 }] } as unknown as typeof hello;
    const failure = await client.chat.completions.create(wrong).catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ param: "messages[0].content", type: "invalid_request_error" });
  });

  test("400 with its own code for a prompt beyond the context", async () => {
    const long = { ...hello, model: "SmolLM2-135M-Instruct", messages: ask("hello ".repeat(4000)) };
    const failure = await client.chat.completions.create(long).catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ code: "context_length_exceeded" });
  });

  test("429 beyond the requests of a minute, with the seconds to wait", async () => {
    const user = await gateway.createUser({ limits: { requests_per_minute: 2 } });
    const limited = clientWith(user.apiKey);
    await limited.chat.completions.create(hello);
    await limited.chat.completions.create(hello);
    const failure = await limited.chat.completions.create(hello).catch((error) => error);
    expect(failure).toBeInstanceOf(RateLimitError);
    expect(failure).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
    const waitS = Number(failure.headers.get("retry-after"));
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(60);
    expect(failure.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  });
});

describe("abort", () => {
  const long = {
    model: "SmolLM2-135M-Instruct",
    messages: ask("Tell a long story."),
    // Neither of its two end tokens: it goes on until max_tokens.
    logit_bias: { 0: -100, 2: -100 },
    max_tokens: 1500,
  };

  test("of a stream frees the engine within a second", async () => {
    const stream = await client.chat.completions.create({ ...long, stream: true });
    let chunks = 0;
    for await (const _chunk of stream) if (++chunks === 5) break;
    await waitFor("the engine to be free", async () => (await gateway.slotState(2)).in_flight === 0, {
      timeoutMs: 1000,
    });
  });

  test("of a whole answer frees the engine within a second", async () => {
    const controller = new AbortController();
    const answer = client.chat.completions
      .create(long, { signal: controller.signal })
      .catch((error) => error);
    await waitFor("the engine to be busy", async () => (await gateway.slotState(2)).in_flight === 1);
    controller.abort();
    expect(await answer).toBeInstanceOf(APIUserAbortError);
    await waitFor("the engine to be free", async () => (await gateway.slotState(2)).in_flight === 0, {
      timeoutMs: 1000,
    });
  });
});
