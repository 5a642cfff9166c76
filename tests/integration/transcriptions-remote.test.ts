/** Transcriptions by a remote engine, which may do more than the gateway's own: it is asked, and its answer passed on. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { soundForm, tone, transcribe, transcriptionEvents } from "../harness/transcribe.ts";
import { waitFor } from "../harness/wait.ts";

const subtitles = "1\n00:00:00,000 --> 00:00:01,000\nhello\n";
const words = {
  text: "hello",
  language: "english",
  duration: 1,
  segments: [{ id: 0, start: 0, end: 1, text: "hello" }],
};

let gateway: Gateway;
let engine: MockEngine;
let target: { url: string; key: string; userId: number };
let asked: { path: string; fields: Record<string, unknown>; file: Buffer };
/** Answers whose client was gone before they had ended. */
let left = 0;

beforeAll(async () => {
  engine = await mockEngine({ audio: (form, response, path) => void answer(form, response, path) });
  gateway = await startGateway({
    config: {
      ...unlimited,
      models: { ears: { pricing: { input_per_1k: 0.001, output_per_1k: 0.001, audio_second: 0.0001 } } },
    },
  });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "ears" }, model_type: "audio" });
  const user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

async function answer(form: FormData, response: ServerResponse, path: string): Promise<void> {
  const file = form.get("file") as File;
  const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === "string"));
  asked = { path, fields, file: Buffer.from(await file.arrayBuffer()) };
  response.on("close", () => {
    if (!response.writableEnded) left++;
  });
  if (fields.prompt === "refuse") {
    response.writeHead(400).end('{"error":{"message":"Audio too quiet","type":"invalid_request_error"}}');
  } else if (fields.prompt === "hang") {
    await sleep(30_000, undefined, { ref: false });
  } else if (fields.stream === "true") {
    response.write('data: {"type":"transcript.text.delta","delta":"hello","logprobs":[]}\n\n');
    if (fields.prompt === "stay") return;
    const usage = { type: "tokens", input_tokens: 14, output_tokens: 2, total_tokens: 16 };
    response.end(`data: ${JSON.stringify({ type: "transcript.text.done", text: "hello", usage })}\n\n`);
  } else if (fields.response_format === "srt" || fields.response_format === "vtt") response.end(subtitles);
  else response.end(JSON.stringify(fields.response_format === "verbose_json" ? words : { text: "hello" }));
}

const lastUsage = () => usageOf(gateway.dataDir, target.userId).at(-1);

test("a remote gets the sound and what the client said of it, and seconds are charged", async () => {
  const sound = tone(2);
  const fields = { model: "ears", language: "de", prompt: "names", temperature: "0.2", user: "someone" };
  const response = await transcribe(target, soundForm(fields, sound));
  expect(await response.json()).toEqual({ text: "hello", usage: { type: "duration", seconds: 2 } });
  expect(asked.path).toBe("/v1/audio/transcriptions");
  expect(asked.fields).toEqual({ model: "ears", language: "de", prompt: "names", temperature: "0.2" });
  expect(asked.file.equals(sound)).toBe(true);
  expect(lastUsage()).toMatchObject({ outcome: "ok", cost_nanos: 200_000, audio_ms: 2000, estimated: 1 });
});

test("times are passed on as the remote gives them", async () => {
  const verbose = { model: "ears", response_format: "verbose_json", "timestamp_granularities[]": "segment" };
  const response = await transcribe(target, soundForm(verbose));
  expect(await response.json()).toEqual({ ...words, usage: { type: "duration", seconds: 1 } });
  expect(asked.fields["timestamp_granularities[]"]).toBe("segment");
  for (const response_format of ["srt", "vtt"]) {
    const answered = await transcribe(target, soundForm({ model: "ears", response_format }));
    expect(answered.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await answered.text()).toBe(subtitles);
  }
  const text = await transcribe(target, soundForm({ model: "ears", response_format: "text" }), {
    task: "translations",
  });
  expect(await text.text()).toBe("hello\n");
  expect(asked.path).toBe("/v1/audio/translations");
});

test("a stream is handed on", async () => {
  const events = await transcriptionEvents(
    await transcribe(target, soundForm({ model: "ears", stream: "true" })),
  );
  expect(events).toEqual([
    { type: "transcript.text.delta", delta: "hello", logprobs: [] },
    { type: "transcript.text.done", text: "hello", usage: { type: "duration", seconds: 1 } },
  ]);
  expect(lastUsage()).toMatchObject({
    prompt_tokens: 14,
    completion_tokens: 2,
    cost_nanos: 100_000,
    estimated: 0,
  });
});

test("what it refuses is told, and costs nothing", async () => {
  const response = await transcribe(target, soundForm({ model: "ears", prompt: "refuse" }));
  expect(response.status).toBe(400);
  expect((await response.json()).error.message).toBe("Audio too quiet");
  expect(lastUsage()).toMatchObject({ outcome: "refused", cost_nanos: 0, audio_ms: 0 });
});

test.each(["hang", "stay"])(
  "a client that leaves ends the remote's work (%s) and pays for the sound",
  async (prompt) => {
    const before = left;
    const controller = new AbortController();
    const stream = String(prompt === "stay");
    const given = transcribe(target, soundForm({ model: "ears", prompt, stream }), {
      signal: controller.signal,
    });
    given.catch(() => {});
    await waitFor("the remote to be asked", () => asked.fields.prompt === prompt);
    controller.abort();
    await waitFor("the remote to notice", () => left === before + 1, { timeoutMs: 1000 });
    const usage = await waitFor("the usage row", () => {
      const row = lastUsage();
      return row?.outcome === "client_left" && row;
    });
    expect(usage).toMatchObject({ cost_nanos: 100_000, audio_ms: 1000, estimated: 1 });
  },
);
