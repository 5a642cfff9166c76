/** Balances, holds and limits, as clients meet them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, counting, hello, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { endless } from "../harness/mock-behaviours.ts";
import { mockEngine } from "../harness/mock-engine.ts";

/** A prompt token costs 1,000 nano-dollars, a generated one 3,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
const model = "tiny-text";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await gateway.loadModel(0, { model_path: modelFiles.text });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function newTarget(balance: number, limits = {}) {
  const { id, apiKey } = await gateway.createUser({ tier: "payg", balance, limits });
  return { url: gateway.url, key: apiKey, userId: id };
}

function balanceNanos(userId: number): number {
  return queryDatabase<{ balance_nanos: number }>(
    gateway.dataDir,
    "SELECT balance_nanos FROM users WHERE id = ?",
    userId,
  )[0]?.balance_nanos as number;
}

async function refusalOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, code: error.code, message: error.message };
}

test("threat 10: of 100 requests at once a balance for one lets exactly one through", async () => {
  const body = { ...hello, model, max_tokens: 10 };
  const dear = await newTarget(1);
  const one = await chat(dear, body);
  await one.json();
  // What is held for such a request, found by asking with less and less.
  const message = (await refusalOf(await chat(await newTarget(0.0001), body))).message;
  const heldDollars = Number(/may cost up to \$([\d.e-]+)/.exec(message)?.[1]);
  const target = await newTarget(heldDollars);
  const answers = await Promise.all(Array.from({ length: 100 }, () => chat(target, body)));
  const statuses = await Promise.all(
    answers.map(async (answer) => {
      await answer.text();
      return answer.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 402)).toHaveLength(99);
  expect(balanceNanos(target.userId)).toBeGreaterThan(0);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("402 names the balance, what the request would need, and what could be had", async () => {
  const target = await newTarget(0.001);
  const named = await refusalOf(await chat(target, { ...hello, model, max_tokens: 1_000 }));
  expect(named).toMatchObject({ status: 402, code: "insufficient_balance" });
  const affordable = Number(/at most (\d+) output tokens/.exec(named.message)?.[1]);
  expect(named.message).toContain("$0.001 is available");
  const second = await chat(target, { ...hello, model, max_tokens: affordable });
  expect(second.status).toBe(200);
  await second.json();
});

test("an answer without a bound is as long as the balance affords, and the balance never falls below zero", async () => {
  const target = await newTarget(0.0008);
  const response = await chat(target, { ...counting, model });
  const { usage, choices } = (await response.json()) as {
    usage: { completion_tokens: number };
    choices: { finish_reason: string }[];
  };
  expect(choices[0]?.finish_reason).toBe("length");
  expect(usage.completion_tokens).toBeGreaterThanOrEqual(16);
  expect(balanceNanos(target.userId)).toBeGreaterThanOrEqual(0);
});

test("clients that leave give back what was held for them", async () => {
  // Enough for six that were generated to their end before anybody noticed, but not for seven that are held.
  const target = await newTarget(0.011);
  for (let round = 0; round < 7; round++) {
    const stream = await openStream(target, { ...counting, model, max_tokens: 500 });
    expect(stream.response.status).toBe(200);
    await stream.next();
    stream.leave();
    await expect
      .poll(() => usageOf(gateway.dataDir, target.userId).length, { timeout: 5_000 })
      .toBe(round + 1);
  }
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("so many requests at once, and no more", async () => {
  // The tiny model may have ended before the second one asks.
  await using engine = await mockEngine({ behaviour: endless(20) });
  await gateway.loadModel(1, { remote: { base_url: engine.baseUrl, model: "endless" } });
  const target = await newTarget(1, { concurrency: 1 });
  const stream = await openStream(target, { ...counting, model: "endless", max_tokens: 500 });
  await stream.next();
  const refused = await chat(target, { ...hello, model });
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refusalOf(refused)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
  stream.leave();
  await expect
    .poll(async () => (await chat(target, { ...hello, model })).status, { timeout: 5_000, interval: 100 })
    .toBe(200);
});

test("tokens a minute, with OpenAI's headers", async () => {
  const target = await newTarget(1, { tokens_per_minute: 200 });
  const body = { ...hello, model, max_tokens: 100 };
  const first = await chat(target, body);
  expect(first.headers.get("x-ratelimit-limit-tokens")).toBe("200");
  expect(Number(first.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(100);
  await first.json();
  const never = await chat(target, { ...body, max_tokens: 300 });
  expect(never.headers.get("x-should-retry")).toBe("false");
  expect((await refusalOf(never)).message).toContain("fewer output tokens");
});

test("dollars a month", async () => {
  const target = await newTarget(1, { monthly_budget: 0.002 });
  const body = { ...hello, model, max_tokens: 100 };
  expect((await chat(target, body)).status).toBe(200);
  const spent = await refusalOf(await chat(target, { ...body, max_tokens: 600 }));
  expect(spent).toMatchObject({ status: 429, code: "budget_exceeded" });
  expect(spent.message).toMatch(/may spend \$0\.002 a month\. \$0\.0000\d+ are spent/);
});
