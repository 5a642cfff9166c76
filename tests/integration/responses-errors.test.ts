/** What goes wrong with `/v1/responses`, for the official JavaScript SDK, unmodified, on real engines. */
import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from "openai";
import type { Responses } from "openai/resources/responses/responses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

const ask = { model: "tiny-text", temperature: 0, input: "say hello" };
const tool = { type: "function", name: "get_weather", parameters: { type: "object" } };

let gateway: Gateway;
let client: OpenAI;
let userId: number;

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  const user = await gateway.createUser();
  userId = user.id;
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: user.apiKey, maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

describe("errors", () => {
  const failure = (fields: object) => client.responses.create({ ...ask, ...fields }).catch((error) => error);

  test.each([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["tool_choice.name", { tools: [tool], tool_choice: { type: "function", name: "other" } }],
    ["tools[0].parameters", { tools: [{ ...tool, parameters: { minLength: -1 } }] }],
    [
      "input[0].content[0].image_url",
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] },
    ],
  ])("400 names %s", async (param, fields) => {
    const error = await failure(fields);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param, type: "invalid_request_error" });
  });

  test("400 with its own code for an input beyond the context", async () => {
    const error = await failure({ model: "SmolLM2-135M-Instruct", input: "hello ".repeat(4000) });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: "context_length_exceeded", param: "input" });
  });

  test("404 for an unknown model, and for any response, as none is kept", async () => {
    expect(await failure({ model: "no-such-model" })).toBeInstanceOf(NotFoundError);
    const { id } = await client.responses.create(ask);
    for (const asked of [client.responses.retrieve(id), client.responses.delete(id)]) {
      const error = await asked.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({
        message: expect.stringContaining("not kept"),
        type: "invalid_request_error",
      });
    }
    expect(await client.responses.cancel(id).catch((error) => error)).toBeInstanceOf(NotFoundError);
  });
});

test.each([true, false])("an abort frees the engine (stream: %s)", async (stream) => {
  // Neither of its two end tokens: it goes on until it is cut.
  const story = {
    model: "SmolLM2-135M-Instruct",
    input: "Tell a long story.",
    logit_bias: { 0: -100, 2: -100 },
  };
  const controller = new AbortController();
  const inFlight = async () => (await gateway.slotState(1)).in_flight;
  const body = { ...story, max_output_tokens: 1500, stream };
  const answer = client.responses.create(body, { signal: controller.signal });
  answer.catch(() => {});
  await waitFor("the engine to be busy", async () => (await inFlight()) === 1);
  if (stream)
    for await (const event of (await answer) as AsyncIterable<Responses.ResponseStreamEvent>)
      if (event.type === "response.output_text.delta") break;
  controller.abort();
  if (!stream) expect(await answer.catch((error) => error)).toBeInstanceOf(APIUserAbortError);
  await waitFor("the engine to be free", async () => (await inFlight()) === 0, { timeoutMs: 1000 });
  const row = await waitFor("the usage row", () => {
    const last = usageOf(gateway.dataDir, userId).at(-1);
    return last?.outcome === "client_left" && last.streamed === Number(stream) ? last : false;
  });
  expect(row.estimated).toBe(0);
  if (stream) expect(row.prompt_tokens).toBeGreaterThan(5);
});
