/** `GET /admin/api/queue`: who waits, in the order in which they are served. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { QueueReply } from "../../lib/admin/schemas.ts";
import { chat, hello, openStream } from "../harness/chat.ts";
import { unlimited } from "../harness/data-folder.ts";
import { queryDatabase } from "../harness/database.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { endless, instant } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { waitFor } from "../harness/wait.ts";

const model = "mock";

let gateway: Gateway;
let engine: MockEngine;

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({
    config: {
      ...unlimited,
      tiers: { payg: { concurrency: null, priority: 0 }, sub: { concurrency: null, priority: 5 } },
    },
  });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model }, parallel: 1 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const queue = () => gateway.admin<QueueReply>("GET", "queue");
const keyIdOf = ({ id }: User) =>
  queryDatabase<{ id: number }>(gateway.dataDir, "SELECT id FROM api_keys WHERE user_id = ?", id)[0]?.id;

/** What the engine was asked, by the words of each request. */
const asked = () =>
  engine.requests.map(
    ({ body }) => (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content,
  );

test("an idle gateway has a line without anybody in it", async () => {
  expect(await queue()).toEqual({
    waiting: [{ model, slots: [gateway.slot(0)], requests: [] }],
    in_flight: [{ slot: gateway.slot(0), model, requests: [] }],
  });
});

test("those who wait stand in the order in which they are then served", async () => {
  const [many, single] = [
    await gateway.createUser({ tier: "payg" }),
    await gateway.createUser({ tier: "payg" }),
  ];
  const dear = await gateway.createUser({ tier: "sub" });
  engine.behaviour = endless(5);
  const held = await openStream({ url: gateway.url, key: many.apiKey }, { ...hello, model });
  await held.next();

  const answers: Promise<Response>[] = [];
  const arrivals: [User, string][] = [
    [many, "many 1"],
    [many, "many 2"],
    [many, "many 3"],
    [single, "single 1"],
    [dear, "dear 1"],
  ];
  for (const [user, content] of arrivals) {
    answers.push(
      chat({ url: gateway.url, key: user.apiKey }, { model, messages: [{ role: "user", content }] }),
    );
    await waitFor("it to wait", async () => (await queue()).waiting[0]?.requests.length === answers.length);
  }

  const { waiting, in_flight } = await queue();
  const line = waiting[0]?.requests ?? [];
  expect(line.map(({ position, user_id }) => [position, user_id])).toEqual([
    [1, dear.id],
    [2, many.id],
    [3, single.id],
    [4, many.id],
    [5, many.id],
  ]);
  expect(line[0]).toEqual({
    position: 1,
    request_id: expect.stringMatching(/^req_/),
    user_id: dear.id,
    key_id: keyIdOf(dear),
    key_prefix: dear.apiKey.slice(0, 8),
    endpoint: "chat.completions",
    waiting_ms: expect.any(Number),
  });
  // Those of one user came one after the other.
  expect(line[1]?.waiting_ms).toBeGreaterThanOrEqual(line[3]?.waiting_ms ?? Number.NaN);
  expect(in_flight[0]?.requests).toEqual([
    {
      request_id: held.response.headers.get("x-request-id"),
      user_id: many.id,
      key_id: keyIdOf(many),
      key_prefix: many.apiKey.slice(0, 8),
      endpoint: "chat.completions",
      queued_ms: 0,
      running_ms: expect.any(Number),
    },
  ]);

  engine.behaviour = instant();
  held.leave();
  const ids = (await Promise.all(answers)).map(({ headers }) => headers.get("x-request-id"));
  expect(asked().slice(1)).toEqual(["dear 1", "many 1", "single 1", "many 2", "many 3"]);
  expect(new Set(line.map(({ request_id }) => request_id))).toEqual(new Set(ids));
  await waitFor("nobody to be left", async () => (await queue()).in_flight[0]?.requests.length === 0);
});
