/** The tiny models behave on the real llama-server as the other tests rely on. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TinyModels, tinyModelBytes, tinyModels } from "../fixtures/index.ts";
import { pngBase64, wavBase64 } from "../fixtures/media.ts";
import { type LlamaServer, startLlamaServer } from "../harness/llama-server.ts";

const sentence = "hello from the tiny test model";
const weatherTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

let models: TinyModels;
beforeAll(async () => {
  models = await tinyModels();
});

interface Choice {
  finish_reason: string;
  message: {
    content: string | null;
    reasoning_content?: string;
    tool_calls?: { function: { name: string; arguments: string } }[];
  };
}

async function post(server: LlamaServer, path: string, body: object): Promise<unknown> {
  const response = await fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

async function chat(server: LlamaServer, content: unknown, more: object = {}): Promise<Choice> {
  const body = { messages: [{ role: "user", content }], temperature: 0, max_tokens: 100, ...more };
  const { choices } = (await post(server, "/v1/chat/completions", body)) as { choices: [Choice] };
  return choices[0];
}

test("the same bytes are made every time", () => {
  for (const [file, bytes] of Object.entries(tinyModelBytes()))
    expect(bytes.equals(readFileSync(path.join(path.dirname(models.text), file))), file).toBe(true);
});

describe("tiny-text", () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer([
      "--model",
      models.text,
      "--mmproj",
      models.mmprojOmni,
      "--ctx-size",
      "8192",
    ]);
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  test("answers one sentence and stops", async () => {
    const choice = await chat(server, "say hello to the world");
    expect(choice).toMatchObject({ finish_reason: "stop", message: { content: sentence } });
  });

  test.each(["count", "please count", "say one and count to ten"])("counts for ever: %s", async (prompt) => {
    const choice = await chat(server, prompt, { max_tokens: 300 });
    expect(choice.finish_reason).toBe("length");
    expect(choice.message.content).toMatch(/^ one two three four five six seven eight nine ten one two/);
  });

  test("calls an offered tool, and answers once the tool has", async () => {
    const call = await chat(server, "say hello", { tools: [weatherTool] });
    expect(call.finish_reason).toBe("tool_calls");
    const [first] = call.message.tool_calls ?? [];
    expect(first?.function.name).toBe("get_weather");
    expect(JSON.parse(first?.function.arguments ?? "")).toEqual({ city: sentence });
    const messages = [
      { role: "user", content: "say hello" },
      { role: "assistant", content: null, tool_calls: call.message.tool_calls },
      { role: "tool", tool_call_id: "1", content: "hello" },
    ];
    const answer = await chat(server, "", { messages, tools: [weatherTool] });
    expect(answer).toMatchObject({ finish_reason: "stop", message: { content: sentence } });
  });

  test("keeps to a JSON schema", async () => {
    const schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
    const choice = await chat(server, "say hello", {
      response_format: { type: "json_schema", json_schema: { name: "answer", schema } },
    });
    expect(JSON.parse(choice.message.content ?? "")).toEqual({ text: sentence });
  });

  test("accepts images and sound with a projector", async () => {
    const image = await chat(server, [
      { type: "text", text: "describe the image" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${pngBase64()}` } },
    ]);
    expect(image.message.content).not.toBe("");
    const sound = await chat(server, [
      { type: "text", text: "describe the sound" },
      { type: "input_audio", input_audio: { data: wavBase64(), format: "wav" } },
    ]);
    expect(sound.message.content).not.toBe("");
  });
});

test.each(["mmprojVision", "mmprojAudio"] as const)("%s alone pairs with tiny-text", async (projector) => {
  await using server = await startLlamaServer(["--model", models.text, "--mmproj", models[projector]]);
  const properties = (await (await fetch(`${server.url}/v1/models`)).json()) as {
    models: [{ capabilities: string[] }];
  };
  expect(properties.models[0].capabilities).toContain("multimodal");
});

test("tiny-think reasons before it answers", async () => {
  await using server = await startLlamaServer(["--model", models.think]);
  const { message } = await chat(server, "say hello");
  expect(message.reasoning_content?.trim()).toBe("how to describe a sound");
  expect(message.content).toBe(sentence);
});

test("tiny-embed gives vectors that tell texts apart", async () => {
  await using server = await startLlamaServer(["--model", models.embed, "--embedding"]);
  const { data } = (await post(server, "/v1/embeddings", { input: ["hello world", "one two three"] })) as {
    data: { embedding: number[] }[];
  };
  const [first = [], second = []] = data.map((row) => row.embedding);
  expect(first).toHaveLength(64);
  const product = first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);
  expect(product).toBeLessThan(0.99);
});

test("tiny-rerank scores documents", async () => {
  await using server = await startLlamaServer(["--model", models.rerank, "--rerank"]);
  const { results } = (await post(server, "/v1/rerank", {
    query: "hello",
    documents: ["hello world", "one two"],
  })) as {
    results: { relevance_score: number }[];
  };
  expect(new Set(results.map((row) => row.relevance_score)).size).toBe(2);
});
