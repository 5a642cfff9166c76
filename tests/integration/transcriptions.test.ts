/** `/v1/audio/transcriptions` and `/v1/audio/translations` on a real llama-server that hears. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flac } from "../fixtures/media.ts";
import { sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { soundForm, tone, transcribe, transcriptionEvents } from "../harness/transcribe.ts";
import { waitFor } from "../harness/wait.ts";

/** A prompt token costs 1,000 nano-dollars, a generated one 3,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
/** A second of sound costs 100,000 nano-dollars, as at OpenAI. */
const bySecond = { ...pricing, audio_second: 0.0001 };

let gateway: Gateway;
let target: { url: string; key: string; userId: number };
let openai: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({
    config: {
      ...unlimited,
      pricing,
      models: { "tiny-omni": { pricing: bySecond } },
      limits: { audio_mb: 1 },
    },
  });
  const hearing = { mmproj_path: modelFiles.mmprojAudio, ctx_size: 4096, parallel: 2 };
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text, ...hearing }),
    gateway.loadModel(1, { model_path: modelFiles.omni, ...hearing }),
    gateway.loadModel(2, { model_path: modelFiles.think }),
  ]);
  target = await newTarget();
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: target.key, maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function newTarget(balance = 1) {
  const user = await gateway.createUser({ balance });
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

interface SoundRow {
  endpoint: string;
  audio_ms: number;
}

function lastUsage(userId = target.userId) {
  return usageOf(gateway.dataDir, userId).at(-1) as ReturnType<typeof usageOf>[number] & SoundRow;
}

async function refusal(form: FormData | BodyInit, headers: Record<string, string> = {}) {
  const sent = { authorization: `Bearer ${target.key}`, ...headers };
  const init = { method: "POST", headers: sent, body: form, duplex: "half" };
  const response = await gateway.fetch("/v1/audio/transcriptions", init);
  const { error } = (await response.json()) as { error: { message: string; param: string | null } };
  return { status: response.status, ...error };
}

test("a named request that is sent again, under another boundary, gets the first answer as it was", async () => {
  const named = async () => {
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${target.key}`, "idempotency-key": "one sound" },
      body: soundForm({ model: "tiny-text", response_format: "text" }),
    };
    const response = await gateway.fetch("/v1/audio/transcriptions", init);
    const { headers } = response;
    const [text, type] = [await response.text(), headers.get("content-type")];
    return { text, type, isReplayed: headers.has("idempotent-replayed") };
  };
  const first = await named();
  expect(first.isReplayed).toBe(false);
  expect(await named()).toEqual({ ...first, isReplayed: true });
});

describe("the answer", () => {
  test("is JSON with the engine's own count, and paid by tokens where sound has no price", async () => {
    const response = await transcribe(target, soundForm({ model: "tiny-text" }));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    const answer = await response.json();
    expect(answer.text).toBe(sentence);
    expect(answer.usage).toMatchObject({
      type: "tokens",
      input_tokens: 54,
      output_tokens: 7,
      total_tokens: 61,
    });
    expect(lastUsage()).toMatchObject({
      endpoint: "audio.transcriptions",
      outcome: "ok",
      prompt_tokens: 54,
      completion_tokens: 7,
      audio_ms: 1000,
      estimated: 0,
      cost_nanos: 54 * 1_000 + 7 * 3_000,
    });
  });

  test("is bare text where text is asked for", async () => {
    const response = await transcribe(target, soundForm({ model: "tiny-text", response_format: "text" }));
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe(`${sentence}\n`);
  });

  test("comes as OpenAI's events where a stream is asked for", async () => {
    const response = await transcribe(target, soundForm({ model: "tiny-text", stream: "true" }));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = await transcriptionEvents(response);
    const last = events.pop();
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["transcript.text.delta"]));
    expect(events.map(({ delta }) => delta).join("")).toBe(sentence);
    expect(last).toMatchObject({ type: "transcript.text.done", text: sentence });
    expect(last?.usage).toMatchObject({ type: "tokens", input_tokens: 54, output_tokens: 7 });
    expect(lastUsage()).toMatchObject({ streamed: 1, cost_nanos: 54 * 1_000 + 7 * 3_000, estimated: 0 });
  });

  test("of a translation is one too", async () => {
    const response = await transcribe(target, soundForm({ model: "tiny-text" }), { task: "translations" });
    expect((await response.json()).text).toBe(sentence);
    expect(lastUsage().endpoint).toBe("audio.translations");
  });

  test("comes from a model that hears where OpenAI's name for one is asked for", async () => {
    const spoken = await openai.audio.transcriptions.create({
      model: "whisper-1",
      file: new File([new Uint8Array(tone())], "speech.wav"),
      language: "de",
    });
    expect(spoken.text).toBe(sentence);
    const stream = await openai.audio.transcriptions.create({
      model: "gpt-4o-transcribe",
      file: new File([new Uint8Array(tone())], "speech.wav"),
      stream: true,
    });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types.at(-1)).toBe("transcript.text.done");
  });
});

describe("a price for seconds", () => {
  test.each([
    [1, 1],
    [2.4, 2],
    [2.6, 3],
    [0.2, 1],
  ])("charges %d s of sound for %d, and nothing for tokens", async (seconds, charged) => {
    const payer = await newTarget();
    const response = await transcribe(payer, soundForm({ model: "tiny-omni" }, tone(seconds)));
    expect((await response.json()).usage).toEqual({ type: "duration", seconds: charged });
    expect(lastUsage(payer.userId)).toMatchObject({
      cost_nanos: charged * 100_000,
      charge_nanos: charged * 100_000,
      prompt_tokens: 54,
      audio_ms: Math.round(seconds * 1000),
    });
    const [row] = queryDatabase<{ amount_nanos: number }>(
      gateway.dataDir,
      "SELECT amount_nanos FROM ledger WHERE user_id = ? AND kind = 'charge'",
      payer.userId,
    );
    expect(row?.amount_nanos).toBe(-charged * 100_000);
  });

  test("is held to the nano-dollar: a balance of exactly that is enough, and one less is not", async () => {
    const form = () => soundForm({ model: "tiny-omni" }, tone(3));
    const enough = await newTarget(0.0003);
    expect((await transcribe(enough, form())).status).toBe(200);
    const short = await newTarget(0.000299999);
    const response = await transcribe(short, form());
    expect(response.status).toBe(402);
    expect((await response.json()).error.message).toContain("$0.0003, and $0.000299999 is available");
  });

  test.each([
    ["one second", 32_000],
    ["ten thousand hours", 0xfffffff0],
  ])("does not believe a header that claims %s: the bytes count", async (_claim, dataBytes) => {
    const payer = await newTarget();
    const sound = tone(5);
    sound.writeUInt32LE(dataBytes, 40);
    expect((await transcribe(payer, soundForm({ model: "tiny-omni" }, sound))).status).toBe(200);
    expect(lastUsage(payer.userId)).toMatchObject({ audio_ms: 5000, cost_nanos: 500_000 });
  });
});

describe("a refusal", () => {
  let before: number;
  const charged = () => usageOf(gateway.dataDir, target.userId).reduce((sum, row) => sum + row.cost_nanos, 0);
  beforeAll(() => {
    before = charged();
  });
  afterAll(() => expect(charged()).toBe(before));
  const named = { model: "tiny-text" };
  test.each([
    ["no file", soundForm(named, null), "file"],
    ["an empty file", soundForm(named, Buffer.alloc(0)), "file"],
    ["no sound", soundForm(named, Buffer.from("hello world, this is text")), "file"],
    ["a single sample, which ends llama-server", soundForm(named, tone(1).subarray(0, 46)), "file"],
    ["what the engine cannot decode", soundForm(named, aac()), "file"],
    ["timestamps", soundForm({ ...named, response_format: "srt" }), "response_format"],
    ["an unknown format", soundForm({ ...named, response_format: "xml" }), "response_format"],
    [
      "granularities without verbose_json",
      soundForm({ ...named, "timestamp_granularities[]": "word" }),
      "timestamp_granularities",
    ],
    ["a temperature that is no number", soundForm({ ...named, temperature: "warm" }), "temperature"],
    ["a language that is none", soundForm({ ...named, language: "de) ignore this" }), "language"],
    ["a stream that is neither true nor false", soundForm({ ...named, stream: "maybe" }), "stream"],
    ["a model that only writes", soundForm({ model: "tiny-think" }), "model"],
  ])("names the field: %s", async (_what, form, param) => {
    expect(await refusal(form)).toMatchObject({ status: 400, param });
  });

  test("of a sound that the context cannot hold comes before the engine has it", async () => {
    const long = flac(1_100, 65_535); // 75 minutes of silence in 14 KB.
    expect(await refusal(soundForm(named, long))).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
  });

  test("says which containers the engine takes", async () => {
    expect((await refusal(soundForm(named, aac()))).message).toContain("reads wav, mp3, flac");
  });

  test("of another type of body is 415, and of a form that breaks off 400", async () => {
    expect(await refusal("{}", { "content-type": "application/json" })).toMatchObject({ status: 415 });
    const broken = { "content-type": "multipart/form-data; boundary=x" };
    expect(await refusal("--x\r\nContent-Disposition: form-data; name=", broken)).toMatchObject({
      status: 400,
    });
  });

  test("of a file beyond the limit is 413, with and without a stated length", async () => {
    const large = soundForm(named, tone(40));
    expect(await refusal(large)).toMatchObject({ status: 413 });
    const { body, headers } = new Response(large);
    const type = { "content-type": headers.get("content-type") ?? "" };
    expect(await refusal(body as BodyInit, type)).toMatchObject({ status: 413 });
  });

  test("without a model that hears says which to load", async () => {
    await using deaf = await startGateway({ config: unlimited });
    await deaf.loadModel(0, { model_path: modelFiles.text });
    const { apiKey } = await deaf.createUser();
    const response = await transcribe({ url: deaf.url, key: apiKey }, soundForm({ model: "whisper-1" }));
    expect(response.status).toBe(404);
    expect((await response.json()).error.message).toContain("type audio");
  });
});

describe("a client that leaves", () => {
  /** The tiny model counts for ever where this word is in its prompt. */
  const endless = { prompt: "count" };

  test.each([
    ["a stream", "true", "tiny-text"],
    ["a whole answer", "false", "tiny-text"],
    ["a stream that is paid by the second", "true", "tiny-omni"],
  ])("%s frees the engine within a second and pays for what was done", async (_kind, stream, model) => {
    const slot = model === "tiny-text" ? 0 : 1;
    const leaver = await newTarget();
    const controller = new AbortController();
    const form = soundForm({ model, stream, ...endless }, tone(4));
    const answer = transcribe(leaver, form, { signal: controller.signal });
    if (stream === "true") {
      const reader = (await answer).body?.getReader();
      await reader?.read();
    } else {
      answer.catch(() => {});
      await waitFor("the engine to be asked", async () => (await gateway.slotState(slot)).in_flight === 1);
    }
    controller.abort();
    const isFree = async () => (await gateway.slotState(slot)).in_flight === 0;
    await waitFor("the slot to be free", isFree, { timeoutMs: 1000 });
    const usage = await waitFor("the usage row", () => lastUsage(leaver.userId));
    expect(usage).toMatchObject({ outcome: "client_left", audio_ms: 4000, estimated: 1 });
    if (model === "tiny-omni") expect(usage.cost_nanos).toBe(400_000);
    else expect(usage.cost_nanos).toBe(usage.prompt_tokens * 1_000 + usage.completion_tokens * 3_000);
    expect(usage.completion_tokens).toBeLessThan(4000);
    expect(databaseFaults(gateway.dataDir)).toEqual([]);
  });
});

/** Frames of AAC, each of 1,024 samples at 16 kHz: a container that llama-server does not read. */
function aac(): Buffer {
  const frame = Buffer.from([0xff, 0xf1, 0x60, 0x40, 0x01, 0x3f, 0xfc, 0x21, 0x00, 0x00]);
  frame[4] = frame.length >> 3;
  frame[5] = ((frame.length & 7) << 5) | 0x1f;
  return Buffer.concat(Array.from({ length: 16 }, () => frame));
}
