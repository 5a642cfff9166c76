/** Tokens are counted exactly, bounded, and paid for once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChatBody, chat, chunksOf, counting, hello, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Dollars for 1,000 tokens: each token of a prompt costs 1,000 nano-dollars, each generated one 3,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
const cap = 40;

let gateway: Gateway;

beforeAll(async () => {
  const tiers = { sub: { concurrency: null, max_output_tokens: cap } };
  gateway = await startGateway({ config: { ...unlimited, tiers, pricing } });
  await gateway.loadModel(0, { model_path: modelFiles.text });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function newTarget() {
  const user = await gateway.createUser({ balance: 1 });
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

async function wholeUsage(target: { url: string; key: string }, body: ChatBody): Promise<Usage> {
  const response = await chat(target, { model: "tiny-text", ...body });
  expect(response.status).toBe(200);
  return ((await response.json()) as { usage: Usage }).usage;
}

async function streamUsage(target: { url: string; key: string }, body: ChatBody): Promise<Usage> {
  const withUsage = { model: "tiny-text", ...body, stream_options: { include_usage: true } };
  const events = await (await openStream(target, withUsage)).rest();
  expect(events.at(-1)).toBe("[DONE]");
  const last = chunksOf(events).at(-1);
  expect(last?.choices).toEqual([]);
  if (!last?.usage) throw new Error("The last chunk carries no usage");
  return last.usage;
}

test.each([
  ["an answer that ends by itself", hello],
  ["an answer that is cut", { ...counting, max_tokens: 25 }],
  ["a sampled answer", { ...counting, temperature: 1.5, seed: 7, max_tokens: 30 }],
  ["two choices", { ...hello, n: 2 }],
])(
  "threat 12: %s has the same usage streamed and whole, and the user pays exactly that",
  async (_name, body) => {
    const target = await newTarget();
    const whole = await wholeUsage(target, body);
    const streamed = await streamUsage(target, body);
    expect(streamed).toMatchObject({
      prompt_tokens: whole.prompt_tokens,
      completion_tokens: whole.completion_tokens,
      total_tokens: whole.prompt_tokens + whole.completion_tokens,
    });
    const costNanos = 2 * (whole.prompt_tokens * 1_000 + whole.completion_tokens * 3_000);
    const [balance] = queryDatabase<{ balance_nanos: number }>(
      gateway.dataDir,
      "SELECT balance_nanos FROM users WHERE id = ?",
      target.userId,
    );
    expect(balance?.balance_nanos).toBe(1_000_000_000 - costNanos);
    const rows = usageOf(gateway.dataDir, target.userId);
    expect(rows.map(({ streamed: isStream, estimated }) => [isStream, estimated])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(databaseFaults(gateway.dataDir)).toEqual([]);
  },
);

test("the charge is committed before the client sees the end", async () => {
  const target = await newTarget();
  for (let count = 1; count <= 20; count++) {
    await (await openStream(target, { ...hello, model: "tiny-text" })).rest();
    expect(usageOf(gateway.dataDir, target.userId)).toHaveLength(count);
  }
});

test.each([
  ["no max_tokens", {}],
  ["a max_tokens of -1", { max_tokens: -1 }],
  ["a max_completion_tokens of -1", { max_completion_tokens: -1 }],
  ["a max_tokens above the tier's", { max_tokens: 100_000 }],
  ["a max_completion_tokens above the tier's", { max_completion_tokens: 100_000 }],
])("threat 13: with %s the tier's cap ends the answer", async (_name, fields) => {
  const response = await chat(await newTarget(), { model: "tiny-text", ...counting, ...fields });
  const answer = (await response.json()) as { usage: Usage; choices: [{ finish_reason: string }] };
  expect(answer.usage.completion_tokens).toBe(cap);
  expect(answer.choices[0].finish_reason).toBe("length");
});

test("threat 13: with max_tokens of 0 or -2 the request is refused", async () => {
  const target = await newTarget();
  for (const max_tokens of [0, -2]) {
    const response = await chat(target, { model: "tiny-text", ...counting, max_tokens });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "max_tokens" } });
  }
  expect(usageOf(gateway.dataDir, target.userId).filter((row) => row.completion_tokens > 0)).toEqual([]);
});

test("a balance that pays for no answer refuses the request, and a top-up lets it through", async () => {
  const user = await gateway.createUser({ tier: "payg", balance: 0.000001 });
  const target = { url: gateway.url, key: user.apiKey };
  const refused = await chat(target, { ...hello, model: "tiny-text" });
  expect(refused.status).toBe(402);
  await gateway.admin("PATCH", `users/${user.id}`, { balance: 1 });
  expect((await chat(target, { ...hello, model: "tiny-text" })).status).toBe(200);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("a price change applies from the next request on, not to one under way", async () => {
  const target = await newTarget();
  const stream = await openStream(target, { ...counting, model: "tiny-text", max_tokens: 200 });
  await stream.next();
  const dearer = { input_per_1k: 1, output_per_1k: 3 };
  await gateway.admin("PATCH", "config", { pricing: dearer });
  await stream.rest();
  await gateway.admin("PATCH", "config", { pricing });
  const [row] = usageOf(gateway.dataDir, target.userId);
  expect(row?.cost_nanos).toBe((row?.prompt_tokens ?? 0) * 1_000 + (row?.completion_tokens ?? 0) * 3_000);
});
