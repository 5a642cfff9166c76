/** Real answers of `/v1` are as `/openapi.json` describes them: nothing missing, nothing undocumented. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { chatCompletionAnswer, chatCompletionChunk } from "../../lib/openapi/answers/chat.ts";
import { completionAnswer, completionChunk } from "../../lib/openapi/answers/completion.ts";
import { embeddingsAnswer, rerankAnswer } from "../../lib/openapi/answers/encoders.ts";
import { anthropicErrorAnswer, openaiErrorAnswer } from "../../lib/openapi/answers/errors.ts";
import {
  healthAnswer,
  modelAnswer,
  modelListAnswer,
  publicModelsAnswer,
  statsAnswer,
} from "../../lib/openapi/answers/lookups.ts";
import { messageAnswer, messageEvent, tokenCountAnswer } from "../../lib/openapi/answers/message.ts";
import { responseAnswer } from "../../lib/openapi/answers/response.ts";
import { responseEvent } from "../../lib/openapi/answers/response-events.ts";
import { transcriptionAnswer, transcriptionEvent } from "../../lib/openapi/answers/transcription.ts";
import { postJson } from "../harness/chat.ts";
import { eventData, expectConforms } from "../harness/conforms.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { weatherTool } from "../harness/messages.ts";
import { soundForm, transcribe } from "../harness/transcribe.ts";

let gateway: Gateway;
let key: string;

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text, parallel: 2 }),
    gateway.loadModel(1, { model_path: modelFiles.think }),
    gateway.loadModel(2, { model_path: modelFiles.embed }),
    gateway.loadModel(3, { model_path: modelFiles.rerank }),
    gateway.loadModel(4, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojAudio }),
  ]);
  key = (await gateway.createUser()).apiKey;
});
afterAll(async () => gateway?.[Symbol.asyncDispose]());

const post = (path: string, body: object) =>
  postJson(`${gateway.url}/v1/${path}`, key, JSON.stringify({ model: "tiny-text", ...body }));

const user = [{ role: "user", content: "say hello" }];
const { name, description, input_schema: parameters } = weatherTool;
const chatTools = [{ type: "function", function: { name, description, parameters } }];
const think = { model: "tiny-think" };

/** What is asked for, and what is in the answer then. */
type Case = [name: string, body: object, holds: string];

const chats: Case[] = [
  ["text", {}, "hello"],
  ["a cut answer", { max_tokens: 2 }, '"length"'],
  ["two answers", { n: 2 }, '"index":1'],
  ["probabilities", { logprobs: true, top_logprobs: 2 }, '"top_logprobs"'],
  ["a tool call", { tools: chatTools, tool_choice: "required" }, '"tool_calls"'],
  ["thoughts", think, '"reasoning_content"'],
];
const completions: Case[] = [
  ["text", {}, "one"],
  ["a cut text", { max_tokens: 2 }, '"length"'],
  ["probabilities", { logprobs: 2 }, '"token_logprobs"'],
  ["two prompts, echoed", { prompt: ["one", "two"], echo: true }, '"index":1'],
];
const responses: Case[] = [
  ["text", {}, "hello"],
  ["a cut answer", { max_output_tokens: 2 }, '"max_output_tokens"}'],
  ["probabilities", { include: ["message.output_text.logprobs"], top_logprobs: 2 }, '"logprob"'],
  [
    "a tool call",
    { tools: [{ type: "function", name, description, parameters }], tool_choice: "required" },
    '"function_call"',
  ],
  ["thoughts", think, '"reasoning_text"'],
  [
    "what was said of itself",
    { user: "u", metadata: { a: "b" }, text: { verbosity: "low" }, instructions: "Hm" },
    '"verbosity":"low"',
  ],
];
const messages: Case[] = [
  ["text", {}, "hello"],
  ["a cut answer", { max_tokens: 2 }, '"max_tokens"'],
  ["a stop sequence", { stop_sequences: ["from"] }, '"stop_sequence":"from"'],
  ["a tool call", { tools: [weatherTool], tool_choice: { type: "any" } }, '"tool_use"'],
  ["thoughts", think, '"thinking"'],
];

/** What holds for an API that answers in one piece and as a stream. */
function holds(path: string, base: object, cases: Case[], whole: z.ZodType, event: z.ZodType) {
  describe(path, () => {
    test.each(cases)("%s", async (_name, body, part) => {
      const answer = await post(path, { ...base, ...body });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, expect.stringContaining(part)]);
      expectConforms(whole, JSON.parse(text));
    });

    test.each(cases)("%s, streamed", async (_name, body, part) => {
      const answer = await post(path, { ...base, ...body, stream: true });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, expect.stringContaining(part)]);
      const events = eventData(text);
      expect(events.length).toBeGreaterThan(2);
      for (const data of events) expectConforms(event, data);
    });
  });
}

const short = { max_tokens: 40, temperature: 0 };
holds("chat/completions", { messages: user, ...short }, chats, chatCompletionAnswer, chatCompletionChunk);
holds("completions", { prompt: "say", ...short }, completions, completionAnswer, completionChunk);
holds("responses", { input: "say hello", max_output_tokens: 40 }, responses, responseAnswer, responseEvent);
holds("messages", { messages: user, max_tokens: 40 }, messages, messageAnswer, messageEvent);

test.each([
  ["chat/completions", { messages: user }, chatCompletionChunk],
  ["completions", { prompt: "say" }, completionChunk],
] as const)("the usage at the end of a stream of %s", async (path, body, schema) => {
  const answer = await post(path, {
    ...body,
    ...short,
    stream: true,
    stream_options: { include_usage: true },
  });
  const last = eventData(await answer.text()).at(-1);
  expectConforms(schema, last);
  expect(last).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
});

test.each([
  ["messages/count_tokens", { messages: user }, tokenCountAnswer],
  ["embeddings", { model: "tiny-embed", input: ["a", "b"] }, embeddingsAnswer],
  ["embeddings", { model: "tiny-embed", input: "a", encoding_format: "base64" }, embeddingsAnswer],
  ["embeddings", { model: "tiny-embed", input: [1, 2], dimensions: 8 }, embeddingsAnswer],
  ["rerank", { model: "tiny-rerank", query: "a", documents: ["a", { text: "b" }] }, rerankAnswer],
  ["rerank", { model: "tiny-rerank", query: "a", documents: ["a"], return_documents: true }, rerankAnswer],
] as const)("%s %j", async (path, body, schema) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(200);
  expectConforms(schema, await answer.json());
});

test.each([
  ["/v1/models", modelListAnswer],
  ["/v1/models/tiny-text", modelAnswer],
  ["/v1/models/gpt-4o", modelAnswer],
  ["/v1/stats/summary", statsAnswer],
  ["/health", healthAnswer],
  ["/api/models", publicModelsAnswer],
] as const)("GET %s", async (target, schema) => {
  const answer = await gateway.fetch(target, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  expectConforms(schema, await answer.json());
});

test.each([
  [400, "chat/completions", {}, openaiErrorAnswer],
  [404, "embeddings", { model: "none", input: "a" }, openaiErrorAnswer],
  [400, "responses", { input: [] }, openaiErrorAnswer],
  [400, "messages", { messages: user }, anthropicErrorAnswer],
] as const)("a refusal with %i by %s", async (status, path, body, schema) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expectConforms(schema, await answer.json());
});

describe("transcriptions", () => {
  test.each([
    ["transcriptions", "false", transcriptionAnswer],
    ["transcriptions", "true", transcriptionEvent],
    ["translations", "false", transcriptionAnswer],
  ] as const)("%s, streamed: %s", async (task, stream, schema) => {
    const response = await transcribe({ url: gateway.url, key }, soundForm({ model: "tiny-omni", stream }), {
      task,
    });
    expect(response.status).toBe(200);
    const text = await response.text();
    for (const value of stream === "true" ? eventData(text) : [JSON.parse(text)])
      expectConforms(schema, value);
  });
});
