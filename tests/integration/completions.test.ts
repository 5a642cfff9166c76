/** `/v1/completions` on a real engine: OpenAI's shapes, and exact counts for every prompt and choice. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

/** Dollars for 1,000 tokens: each token of a prompt costs 1,000 nano-dollars, each generated one 3,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
const model = "tiny-text";
/** After this prompt the tiny model counts on until something stops it. */
const counting = { model, prompt: "count", temperature: 0 };
/** And after this one it ends by itself. */
const hello = { model, prompt: "say hello", temperature: 0 };
const sentence = " from the tiny test model";

interface Answer {
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  choices: { index: number; text: string; finish_reason: string | null; logprobs: unknown }[];
  error?: { message: string; param: string | null; code: string | null };
}

let gateway: Gateway;
let openai: OpenAI;
let target: Target;

interface Target {
  url: string;
  key: string;
  userId: number;
}

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await gateway.loadModel(0, { model_path: modelFiles.text, parallel: 4 });
  target = await newTarget();
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: target.key, maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function newTarget(): Promise<Target> {
  const user = await gateway.createUser({ balance: 1 });
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

function post({ url, key }: Target, body: object, signal?: AbortSignal): Promise<Response> {
  return postJson(`${url}/v1/completions`, key, JSON.stringify(body), signal);
}

async function whole(from: Target, body: object): Promise<Answer> {
  const response = await post(from, body);
  const answer = (await response.json()) as Answer;
  expect(answer).not.toHaveProperty("error");
  return answer;
}

/** The chunks of a stream, which ends as it should. */
async function streamed(from: Target, body: object): Promise<Answer[]> {
  const text = await (await post(from, { ...body, stream: true })).text();
  const events = text.split("\n\n").filter((event) => event !== "");
  expect(events.pop()).toBe("data: [DONE]");
  return events.map((event) => JSON.parse(event.replace(/^data: /, "")) as Answer);
}

function textsOf(chunks: readonly Answer[]): string[] {
  const texts: string[] = [];
  for (const { choices } of chunks)
    for (const { index, text } of choices) texts[index] = (texts[index] ?? "") + text;
  return texts;
}

describe("OpenAI's SDK", () => {
  test("gets a whole answer", async () => {
    const answer = await openai.completions.create(hello);
    expect(answer).toMatchObject({ object: "text_completion", model });
    expect(answer.id).toMatch(/^cmpl-/);
    expect(answer.choices).toEqual([{ text: sentence, index: 0, logprobs: null, finish_reason: "stop" }]);
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
  });

  test("streams, with usage when asked for", async () => {
    const stream = await openai.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const last = chunks.pop();
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        object: "text_completion",
        model,
        choices: [{ index: 0, logprobs: null }],
      });
      for (const field of ["usage", "timings", "prompt_progress"]) expect(chunk).not.toHaveProperty(field);
    }
    expect(chunks.map(({ choices }) => choices[0]?.text).join("")).toBe(sentence);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
  });

  test("gets an answer to each prompt of a list, in their order", async () => {
    const prompt = ["say hello", "count", "hello from"];
    const { choices, usage } = await openai.completions.create({ ...hello, prompt, max_tokens: 3 });
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, " from the tiny"],
      [1, " one two three"],
      [2, " the tiny test"],
    ]);
    expect(usage?.completion_tokens).toBe(9);
  });
});

const tokens = [387, 389, 392];

test.each([
  ["an answer that ends by itself", hello],
  ["OpenAI's 16 tokens", counting],
  ["a sampled answer", { ...counting, temperature: 1.5, seed: 7, max_tokens: 30 }],
  ["a stop sequence", { ...counting, stop: ["six seven"] }],
  ["three choices", { ...hello, n: 3, best_of: 3 }],
  ["a list of prompts", { ...hello, prompt: ["say hello", "count", "", "hello from"] }],
  ["a list that is longer than the engine has sequences", { ...counting, prompt: Array(11).fill("count") }],
  ["a list of prompts with choices", { ...hello, prompt: ["say hello", "count"], n: 2, max_tokens: 5 }],
  ["token ids", { ...counting, prompt: tokens }],
  ["lists of token ids", { ...counting, prompt: [tokens, [387]], n: 2 }],
  ["log probabilities", { ...counting, logprobs: 2 }],
])("%s: the same text and usage streamed and whole, and the user pays exactly that", async (_name, body) => {
  const payer = await newTarget();
  const { choices, usage } = await whole(payer, body);
  const chunks = await streamed(payer, { ...body, stream_options: { include_usage: true } });
  expect(textsOf(chunks)).toEqual(choices.map(({ text }) => text));
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: {
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: usage.completion_tokens,
      total_tokens: usage.prompt_tokens + usage.completion_tokens,
    },
  });
  const [balance] = queryDatabase<{ balance_nanos: number }>(
    gateway.dataDir,
    "SELECT balance_nanos FROM users WHERE id = ?",
    payer.userId,
  );
  const costNanos = 2 * (usage.prompt_tokens * 1_000 + usage.completion_tokens * 3_000);
  expect(balance?.balance_nanos).toBe(1_000_000_000 - costNanos);
  const rows = usageOf(gateway.dataDir, payer.userId);
  expect(rows.map(({ streamed: isStream, estimated }) => [isStream, estimated])).toEqual([
    [0, 0],
    [1, 0],
  ]);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("a list of prompts with choices costs what its parts cost: each prompt once, each answer", async () => {
  const prompts = ["say hello", "count"];
  const alone = await Promise.all(prompts.map((prompt) => whole(target, { ...hello, prompt })));
  const { usage } = await whole(target, { ...hello, prompt: prompts, n: 2 });
  const sum = (field: "prompt_tokens" | "completion_tokens") =>
    alone.reduce((total, answer) => total + answer.usage[field], 0);
  expect(usage).toMatchObject({
    prompt_tokens: sum("prompt_tokens"),
    completion_tokens: 2 * sum("completion_tokens"),
  });
});

test("max_tokens is 16 where none is given, as at OpenAI, and -1 asks for what the tier allows", async () => {
  expect((await whole(target, counting)).usage.completion_tokens).toBe(16);
  expect((await whole(target, { ...counting, max_tokens: -1 })).usage.completion_tokens).toBeGreaterThan(100);
});

test("the prompt is echoed before each choice, streamed too", async () => {
  const body = { ...hello, prompt: ["say hello", "count"], n: 2, echo: true, max_tokens: 2 };
  const texts = ["say hello from the", "say hello from the", "count one two", "count one two"];
  expect((await whole(target, body)).choices.map(({ text }) => text)).toEqual(texts);
  expect(textsOf(await streamed(target, body))).toEqual(texts);
});

test("log probabilities have OpenAI's old shape, whole and streamed, with a stop sequence too", async () => {
  const body = { ...counting, max_tokens: 4, logprobs: 2, stop: ["four five"] };
  const { choices } = await whole(target, body);
  const texts = [" one", " two", " three", " four"];
  const expected = {
    tokens: texts,
    token_logprobs: texts.map(() => expect.any(Number)),
    top_logprobs: texts.map((text) => expect.objectContaining({ [text]: expect.any(Number) })),
    text_offset: [5, 9, 13, 19],
  };
  expect(choices[0]?.logprobs).toEqual(expected);
  const parts = (await streamed(target, body)).flatMap((chunk) =>
    chunk.choices.flatMap(({ logprobs }) => (logprobs ? [logprobs as typeof expected] : [])),
  );
  const joined = Object.keys(expected).map((name) => [
    name,
    parts.flatMap((part) => part[name as keyof typeof expected]),
  ]);
  expect(Object.fromEntries(joined)).toEqual(expected);
});

test("a client that leaves pays what the engine counted by then, and no prompt that it had not begun", async () => {
  const payer = await newTarget();
  const leaving = new AbortController();
  // Far longer answers than anybody waits for.
  const body = {
    ...counting,
    prompt: Array(40).fill(Array(100).fill("count").join(" ")),
    max_tokens: 1_500,
    stream: true,
  };
  const response = await post(payer, body, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  await waitFor("the slot to be free", async () => (await gateway.slotState(0)).in_flight === 0, {
    timeoutMs: 1000,
  });
  const row = await waitFor("the usage row", () => usageOf(gateway.dataDir, payer.userId).at(-1));
  expect(row).toMatchObject({ outcome: "client_left", streamed: 1, estimated: 0 });
  const one = await whole(target, { ...body, prompt: body.prompt[0], max_tokens: 1, stream: false });
  const prompts = row.prompt_tokens / one.usage.prompt_tokens;
  expect(Number.isInteger(prompts)).toBe(true);
  expect(prompts).toBeGreaterThanOrEqual(1);
  expect(prompts).toBeLessThan(40);
  expect(row.completion_tokens).toBeGreaterThan(0);
  expect(row.cost_nanos).toBe(row.prompt_tokens * 1_000 + row.completion_tokens * 3_000);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test.each([
  ["more choices than the engine has sequences", { n: 5 }, "n"],
  ["a token id that the model does not have", { prompt: [2_000_000_000] }, null],
  ["too long a prompt", { prompt: "word ".repeat(20_000) }, "prompt"],
  ["too long a prompt among others", { prompt: ["count", "word ".repeat(20_000)] }, "prompt"],
  ["a suffix", { suffix: "end" }, "suffix"],
  ["a best_of of its own", { best_of: 3 }, "best_of"],
  ["echo with token ids", { prompt: [[1]], echo: true }, "echo"],
  ["an object for a prompt", { prompt: { prompt_string: "a" } }, "prompt"],
  ["max_tokens of 0", { max_tokens: 0 }, "max_tokens"],
])("%s is the client's fault, streamed and whole, and the engine goes on", async (_name, fields, param) => {
  const { pid } = await gateway.slotState(0);
  for (const stream of [false, true]) {
    const response = await post(target, { ...counting, ...fields, stream });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", param } });
  }
  expect((await post(target, counting)).status).toBe(200);
  expect(await gateway.slotState(0)).toMatchObject({ status: "ready", pid });
});
