/** What a gateway that is killed leaves open is settled once, as it was noted last. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, openStream } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { databaseFaults, queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { endless, neverAnswers } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import type { User } from "../harness/running-gateway.ts";
import { waitFor } from "../harness/wait.ts";

let engine: MockEngine;
let gateway: Gateway;

beforeAll(async () => {
  engine = await mockEngine({ behaviour: endless(20) });
  gateway = await startGateway({ config: { ...unlimited, pricing: { input_per_1k: 1, output_per_1k: 1 } } });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const body = { ...hello, model: "mock" };

interface Noted {
  request_id: string;
  user_id: number;
  tokens: number;
}

function openRequests(): Noted[] {
  return queryDatabase<Noted>(
    gateway.dataDir,
    `SELECT request_id, settlement ->> '$.settlement.userId' AS user_id,
       settlement ->> '$.settlement.completionTokens' AS tokens FROM open_requests`,
  );
}

const newUser = () => gateway.createUser({ tier: "payg", balance: 10_000 });
const targetOf = (user: User) => ({ url: gateway.url, key: user.apiKey });
const rowsOf = (user: User) => usageOf(gateway.dataDir, user.id);

/** Starts another gateway on the same folder, and ends it. */
async function restart(): Promise<void> {
  const { dataDir, slotPorts } = gateway;
  await using next = await startGateway({ dataDir, slotPorts });
  expect((await next.slotState(0)).in_flight).toBe(0);
}

test("requests that a kill -9 cuts are paid as they were noted last, once, however often the gateway starts", async () => {
  const [reader, waiter, leaver] = [await newUser(), await newUser(), await newUser()];
  const cut = await openStream(targetOf(reader), body);
  const left = await openStream(targetOf(leaver), body);
  engine.behaviour = neverAnswers();
  const silent = chat(targetOf(waiter), body).catch(() => null);
  const noted = await waitFor(
    "all three to be noted",
    () => {
      const open = openRequests();
      return open.length === 3
        ? open.find(({ user_id, tokens }) => user_id === reader.id && tokens > 50)
        : null;
    },
    { timeoutMs: 15_000 },
  );
  left.leave();
  await waitFor("the settlement of the one that left", () => rowsOf(leaver).length === 1);
  expect(openRequests().map(({ user_id }) => user_id)).not.toContain(leaver.id);
  await gateway.kill9();
  await restart();
  await Promise.all([cut.rest().catch(() => {}), silent]);

  const [row, ...more] = rowsOf(reader);
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    request_id: noted?.request_id,
    outcome: "interrupted",
    streamed: 1,
    estimated: 1,
  });
  expect(row?.completion_tokens).toBeGreaterThan(50);
  expect(row?.charge_nanos).toBeGreaterThan(50 * 1_000_000);
  expect(rowsOf(waiter)).toMatchObject([{ outcome: "interrupted", charge_nanos: 0, completion_tokens: 0 }]);
  expect(rowsOf(leaver)).toMatchObject([{ outcome: "client_left" }]);
  expect(openRequests()).toEqual([]);

  await restart();
  expect(rowsOf(reader)).toEqual([row]);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});
