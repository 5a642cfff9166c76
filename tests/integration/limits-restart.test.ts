/** A gateway that starts again knows what limits have to know. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chat, hello } from "../harness/chat.ts";
import { temporaryFolder } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { freePorts } from "../harness/port.ts";

/** A generated token costs a thousandth of a dollar; an answer of the mock has 4, and its prompt 7 for nothing. */
const pricing = { input_per_1k: 0, output_per_1k: 1 };
const answerTokens = 11;
const body = { ...hello, model: "mock", max_tokens: 16 };

let dataDir: string;
let slotPorts: number[];
let engine: MockEngine;
let gateway: Gateway;

beforeAll(async () => {
  engine = await mockEngine();
  dataDir = await temporaryFolder();
  slotPorts = await freePorts(7);
  gateway = await startGateway({ dataDir, slotPorts, config: { pricing } });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

/** Those of one minute would refuse the next test's: so each test has users of its own. */
async function newKey(limits: object): Promise<string> {
  const { id } = await gateway.createUser({ tier: "payg", balance: 10 });
  const { api_key } = await gateway.admin<{ api_key: string }>("POST", `users/${id}/apikey`, { limits });
  return api_key;
}

async function ask(key: string) {
  const response = await chat({ url: gateway.url, key }, body);
  const { error } = (await response.json()) as { error?: { code: string; message: string } };
  const remaining = (what: string) => Number(response.headers.get(`x-ratelimit-remaining-${what}`));
  return {
    status: response.status,
    error,
    requests: remaining("requests"),
    tokens: remaining("tokens"),
  };
}

describe.each(["SIGTERM", "SIGKILL"] as const)("after %s", (signal) => {
  let restart: () => Promise<void>;

  beforeEach(() => {
    restart = async () => {
      if (signal === "SIGTERM") await gateway.stop();
      else await gateway.kill9();
      gateway = await startGateway({ dataDir, slotPorts });
      await gateway.waitForStatus(0, "ready");
    };
  });

  test("a monthly budget that is nearly used stays so", async () => {
    // For one answer that is as long as it may be, and the real one before it.
    const limits = { monthly_budget: 0.019 };
    const [used, fresh] = [await newKey(limits), await newKey(limits)];
    expect((await ask(used)).status).toBe(200);
    const before = await ask(used);
    expect(before).toMatchObject({ status: 429, error: { code: "budget_exceeded" } });
    expect(before.error?.message).toContain("$0.004 are spent");
    await restart();
    expect(await ask(used)).toEqual(before);
    expect((await ask(fresh)).status).toBe(200);
  });

  test("the requests and tokens of the last minute still count", async () => {
    const limits = { requests_per_minute: 4, tokens_per_minute: 10_000 };
    const [used, fresh] = [await newKey(limits), await newKey(limits)];
    for (let count = 0; count < 2; count++) expect((await ask(used)).status).toBe(200);
    await restart();
    const [after, first] = [await ask(used), await ask(fresh)];
    expect([after.requests, first.requests]).toEqual([1, 3]);
    expect(after.tokens).toBe(first.tokens - 2 * answerTokens);
    expect((await ask(used)).status).toBe(200);
    expect(await ask(used)).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } });
  });
});
