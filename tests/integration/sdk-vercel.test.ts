/** Vercel's AI SDK, unmodified, against the gateway and real engines. */
import { createOpenAICompatible, type OpenAICompatibleProvider } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
let provider: OpenAICompatibleProvider;
/** All requests of this process. */
const requests = vi.spyOn(globalThis, "fetch");

function providerWith(apiKey: string): OpenAICompatibleProvider {
  return createOpenAICompatible({
    name: "gateway",
    baseURL: `${gateway.url}/v1`,
    apiKey,
    // Without these two it asks for no usage in streams, and describes a schema in words.
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
}

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.think });
  await gateway.loadModel(2, { model_path: modelFiles.embed });
  provider = providerWith((await gateway.createUser()).apiKey);
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const hello = () => ({ model: provider("tiny-text"), prompt: "say hello", temperature: 0, maxRetries: 0 });

describe("chat", () => {
  test("gives a whole answer with its usage", async () => {
    const { text, finishReason, usage } = await generateText(hello());
    expect({ text, finishReason }).toEqual({ text: sentence, finishReason: "stop" });
    expect(usage.inputTokens).toBeGreaterThan(5);
    expect(usage.totalTokens).toBe((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
  });

  test("streams, piece by piece, with the same usage", async () => {
    const whole = await generateText(hello());
    const stream = streamText(hello());
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("")).toBe(sentence);
    expect(await stream.finishReason).toBe("stop");
    const { inputTokens, outputTokens } = await stream.usage;
    expect({ inputTokens, outputTokens }).toEqual({
      inputTokens: whole.usage.inputTokens,
      outputTokens: whole.usage.outputTokens,
    });
  });

  test("streams thoughts apart from the answer", async () => {
    const stream = streamText({ ...hello(), model: provider("tiny-think") });
    expect(await stream.text).toBe(sentence);
    expect((await stream.reasoningText)?.trim()).toBe("how to describe a sound");
  });

  test("ends when its user leaves", async () => {
    const client = new AbortController();
    const stream = streamText({ ...hello(), prompt: "count", abortSignal: client.signal });
    const seen: string[] = [];
    for await (const part of stream.fullStream) {
      seen.push(part.type);
      if (part.type === "text-delta") client.abort();
    }
    expect(seen).toContain("abort");
    await expect.poll(async () => (await gateway.slotState(0)).in_flight).toBe(0);
  });

  test("goes on from the prompt of a completion", async () => {
    const { text } = await generateText({ ...hello(), model: provider.completionModel("tiny-text") });
    expect(text).not.toBe("");
  });
});

describe("tools and objects", () => {
  const cities: string[] = [];
  const tools = {
    get_weather: tool({
      description: "The weather of a city",
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => {
        cities.push(city);
        return "hello";
      },
    }),
  };

  test("calls a tool, and answers once it has", async () => {
    cities.length = 0;
    const { steps, text } = await generateText({ ...hello(), tools, stopWhen: stepCountIs(3) });
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect({ cities, text }).toEqual({ cities: [sentence], text: sentence });
  });

  test("calls a tool that is required, streamed", async () => {
    cities.length = 0;
    const stream = streamText({ ...hello(), tools, toolChoice: { type: "tool", toolName: "get_weather" } });
    const [call] = await stream.toolCalls;
    expect(call).toMatchObject({ toolName: "get_weather", input: { city: sentence } });
    expect(await stream.finishReason).toBe("tool-calls");
    expect(cities).toEqual([sentence]);
  });

  test("gives an object of a schema", async () => {
    const { object } = await generateObject({ ...hello(), schema: z.object({ text: z.string() }) });
    expect(object).toEqual({ text: sentence });
  });
});

describe("vectors", () => {
  const model = () => provider.embeddingModel("tiny-embed");

  test("are of one text, or of several in their order", async () => {
    const one = await embed({ model: model(), value: "hello world" });
    expect(one.embedding).toHaveLength(64);
    expect(one.usage.tokens).toBeGreaterThan(1);
    const many = await embedMany({ model: model(), values: ["one two three", "hello world"] });
    expect(many.embeddings).toHaveLength(2);
    for (const [place, value] of one.embedding.entries())
      expect(many.embeddings[1]?.[place]).toBeCloseTo(value, 5);
  });
});

describe("errors", () => {
  const refusal = async (call: Promise<unknown>): Promise<APICallError> => {
    const error = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!APICallError.isInstance(error)) throw new Error(`No APICallError: ${error}`);
    return error;
  };

  test("say what the gateway said", async () => {
    const unknown = await refusal(generateText({ ...hello(), model: provider("no-such-model") }));
    expect(unknown).toMatchObject({ statusCode: 404, isRetryable: false });
    expect(unknown.message).toContain("no-such-model");
    const stranger = providerWith(`sk-${"0".repeat(48)}`);
    expect(await refusal(generateText({ ...hello(), model: stranger("tiny-text") }))).toMatchObject({
      statusCode: 401,
      isRetryable: false,
    });
  });
});

test("the SDK went nowhere but to the gateway", () => {
  const addresses = requests.mock.calls.map(([input]) =>
    input instanceof Request ? input.url : String(input),
  );
  expect(addresses.length).toBeGreaterThan(10);
  expect(addresses.filter((address) => !address.startsWith(gateway.url))).toEqual([]);
});
