/** The line before a model, as clients see it. */
import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ChatTarget, chat, openStream } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { instant } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { waitFor } from "../harness/wait.ts";

const many = 1_000;
const queue = { max_waiting: many + 10, deadline_s: 120 };

let engine: MockEngine;
let gateway: Gateway;
/** Whom the engine was asked for, in the order in which it was. */
let asked: string[] = [];
/** `answer` lets the engine answer whom it is at. */
const steps = new EventEmitter();

beforeAll(async () => {
  engine = await mockEngine({
    behaviour: async (exchange) => {
      asked.push(String(exchange.body.messages?.at(-1)?.content));
      await once(steps, "answer", { signal: exchange.signal });
      await instant()(exchange);
    },
  });
  gateway = await startGateway({ config: { ...unlimited, queue } });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" }, parallel: 1 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});
beforeEach(() => {
  asked = [];
});

async function newTarget(): Promise<ChatTarget & { userId: number }> {
  const user = await gateway.createUser();
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

const say = (content: string) => ({ model: "mock", messages: [{ role: "user", content }] });

/** @returns the status, or null for who has left */
async function statusOf(target: ChatTarget, name: string, signal?: AbortSignal): Promise<number | null> {
  try {
    const response = await chat(target, say(name), signal);
    await response.text();
    return response.status;
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

function inLine(count: number, timeoutMs = 20_000): Promise<unknown> {
  return waitFor(`${count} in line`, async () => (await gateway.slotState(0)).queued === count, {
    timeoutMs,
  });
}

/** Lets the engine answer, and waits until it is asked again. */
async function answerAndGoOn(): Promise<void> {
  const count = asked.length;
  steps.emit("answer");
  await waitFor("the next one's turn", () => asked.length > count);
}

test("who has queued a thousand requests does not keep another one waiting, and leaves at once", async () => {
  const [eager, other] = [await newTarget(), await newTarget()];
  const leaving = new AbortController();
  const all = Array.from({ length: many }, () => statusOf(eager, "eager", leaving.signal));
  await inLine(many - 1);
  const one = statusOf(other, "other");
  await inLine(many);
  for (let turn = 0; turn < 3; turn++) await answerAndGoOn();
  // The first was never in line: of those who were, the other one is the second.
  expect(asked).toEqual(["eager", "eager", "other", "eager"]);
  expect(await one).toBe(200);
  expect((await gateway.slotState(0)).queued).toBe(many - 3);
  leaving.abort();
  await inLine(0, 5_000);
  expect((await Promise.all(all)).filter((status) => status === 200)).toHaveLength(2);
  await waitFor("a row for each", () => usageOf(gateway.dataDir, eager.userId).length === many);
  const left = usageOf(gateway.dataDir, eager.userId).filter(({ outcome }) => outcome === "client_left");
  expect(left).toHaveLength(many - 2);
  // While all of them leave, one after another may have its turn before it is seen to be gone. What the engine has not
  // heard of costs nothing.
  const paying = left.filter((row) => row.prompt_tokens + row.cost_nanos > 0);
  await expect.poll(() => asked.length - 3, { timeout: 5_000 }).toBeGreaterThanOrEqual(paying.length);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
}, 60_000);

test("whoever leaves the line is never asked for", async () => {
  const target = await newTarget();
  const leaving = new AbortController();
  const first = statusOf(target, "first");
  await waitFor("the first one's turn", () => asked.length === 1);
  const second = statusOf(target, "second", leaving.signal);
  await inLine(1);
  const third = statusOf(target, "third");
  await inLine(2);
  leaving.abort();
  await inLine(1, 1_000);
  expect(await second).toBeNull();
  await answerAndGoOn();
  expect(await first).toBe(200);
  steps.emit("answer");
  expect(await third).toBe(200);
  expect(asked).toEqual(["first", "third"]);
});

test("streams that wait are told their places, in comments", async () => {
  const target = await newTarget();
  const first = statusOf(target, "first");
  await waitFor("the first one's turn", () => asked.length === 1);
  const second = openStream(target, say("second"));
  await inLine(1);
  const third = chat(target, { ...say("third"), stream: true });
  await inLine(2);
  // Their status is held back for ten seconds: a refusal would still be one.
  const waiting = await third;
  expect(waiting.status).toBe(200);
  await second;
  for (let turn = 0; turn < 2; turn++) await answerAndGoOn();
  steps.emit("answer");
  expect(await first).toBe(200);
  expect((await (await second).rest()).at(-1)).toBe("[DONE]");
  const [comment, ...events] = (await waiting.text()).split("\n\n");
  expect(comment).toMatch(/^: queued 2(, about \d+ s)?$/);
  expect(events.join("\n")).toContain("data: [DONE]");
});
