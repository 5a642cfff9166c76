/** Requests that their clients name by `Idempotency-Key`. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { counting, hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { gap, instant, refuses } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import type { User } from "../harness/running-gateway.ts";
import { waitFor } from "../harness/wait.ts";

let engine: MockEngine;
let gateway: Gateway;
let user: User;

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  await gateway.loadModel(1, { model_path: modelFiles.embed });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});
beforeEach(async () => {
  engine.behaviour = instant();
  user = await gateway.createUser({ tier: "payg" });
});

const body = { ...hello, model: "mock" };

interface Asking {
  key?: string;
  path?: string;
  url?: string;
}

function ask(name: string, sent: object = body, asking: Asking = {}) {
  const { key = user.apiKey, path = "/v1/chat/completions", url = gateway.url } = asking;
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "idempotency-key": name,
  };
  const controller = new AbortController();
  const options = { method: "POST", headers, body: JSON.stringify(sent), signal: controller.signal };
  return Object.assign(fetch(url + path, options), { leave: () => controller.abort() });
}

const isReplayed = (response: Response) => response.headers.get("idempotent-replayed") === "true";

test("the same request again gets the first answer, byte for byte, and is not billed", async () => {
  const first = await ask("order 1");
  const text = await first.text();
  expect(isReplayed(first)).toBe(false);
  const asked = engine.requests.length;
  const again = await ask("order 1");
  expect(await again.text()).toBe(text);
  expect(isReplayed(again)).toBe(true);
  expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  expect(engine.requests.length).toBe(asked);
  expect(usageOf(gateway.dataDir, user.id)).toHaveLength(1);
});

test("an answer is kept over a kill -9 of the gateway, in the same commit as its charge", async () => {
  await using alone = await startGateway({ config: unlimited });
  await alone.loadModel(0, { remote: { base_url: engine.baseUrl, model: "mock" } });
  const { apiKey: key, id } = await alone.createUser();
  const first = await ask("kept", body, { key, url: alone.url });
  expect(first.status).toBe(200);
  const text = await first.text();
  await alone.kill9();
  const { dataDir, slotPorts } = alone;
  await using next = await startGateway({ dataDir, slotPorts });
  const asked = engine.requests.length;
  expect(await (await ask("kept", body, { key, url: next.url })).text()).toBe(text);
  expect(engine.requests.length).toBe(asked);
  expect(usageOf(dataDir, id)).toHaveLength(1);
});

test("a name belongs to its key, and to its endpoint's request", async () => {
  await (await ask("mine")).text();
  const other = await gateway.createUser();
  expect(isReplayed(await ask("mine", body, { key: other.apiKey }))).toBe(false);
  const input = { model: "tiny-embed", input: "hello" };
  expect((await ask("mine", input, { path: "/v1/embeddings" })).status).toBe(422);
});

test("another body under the same name is 422, while the first runs and afterwards", async () => {
  engine.behaviour = gap(100, ["slow", " answer"]);
  const first = ask("twice");
  await waitFor("the engine to be asked", () => engine.open === 1);
  const refused = async () => {
    const response = await ask("twice", { ...body, seed: 1 });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return { status: response.status, code: error.code };
  };
  expect(await refused()).toEqual({ status: 422, code: "idempotency_key_reused" });
  expect((await first).status).toBe(200);
  expect(await refused()).toEqual({ status: 422, code: "idempotency_key_reused" });
  expect((await ask("twice")).status).toBe(200);
});

test("twins wait for the one that runs, and the engine is asked once", async () => {
  engine.behaviour = gap(100, ["slow", " answer"]);
  const asked = engine.requests.length;
  const answers = await Promise.all(Array.from({ length: 9 }, () => ask("nine")));
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(texts).size).toBe(1);
  expect(answers.filter(isReplayed)).toHaveLength(8);
  expect(engine.requests.length).toBe(asked + 1);
  expect(usageOf(gateway.dataDir, user.id)).toHaveLength(1);
});

test("more than eight twins of a key do not wait: 429", async () => {
  engine.behaviour = gap(200, ["slow", " answer"]);
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask("many")));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    ...Array(9).fill(200),
    ...Array(3).fill(429),
  ]);
  expect((await ask("many")).status).toBe(200);
});

test("when the first leaves or fails, its twin is answered in its stead", async () => {
  engine.behaviour = gap(200, ["slow", " answer"]);
  const first = ask("left");
  await waitFor("the engine to be asked", () => engine.open === 1);
  const twin = ask("left");
  first.leave();
  await expect(first).rejects.toThrow();
  expect((await twin).status).toBe(200);

  engine.behaviour = refuses(400, { error: { message: "not today", code: 400 } });
  expect((await ask("failed")).status).toBe(400);
  engine.behaviour = instant();
  const second = await ask("failed");
  expect(second.status).toBe(200);
  expect(isReplayed(second)).toBe(false);
});

test("a twin that leaves while it waits is gone at once", async () => {
  engine.behaviour = gap(300, ["slow", " answer"]);
  const first = ask("impatient");
  await waitFor("the engine to be asked", () => engine.open === 1);
  const twin = ask("impatient");
  twin.leave();
  await expect(twin).rejects.toThrow();
  expect((await first).status).toBe(200);
  expect(usageOf(gateway.dataDir, user.id)).toHaveLength(1);
});

test("streams take no notice of a name", async () => {
  engine.behaviour = instant();
  const asked = engine.requests.length;
  for (let round = 0; round < 2; round++) await (await ask("stream", { ...body, stream: true })).text();
  expect(engine.requests.length).toBe(asked + 2);
});

test("other endpoints keep their answers too", async () => {
  const input = { model: "tiny-embed", input: "hello" };
  const first = await (await ask("vector", input, { path: "/v1/embeddings" })).text();
  const again = await ask("vector", input, { path: "/v1/embeddings" });
  expect(isReplayed(again)).toBe(true);
  expect(await again.text()).toBe(first);
});

test("an answer beyond 1 MiB is not kept: the same request runs again", async () => {
  engine.behaviour = instant(["x".repeat(1024 * 1024)]);
  const asked = engine.requests.length;
  for (let round = 0; round < 2; round++) expect(isReplayed(await ask("huge"))).toBe(false);
  expect(engine.requests.length).toBe(asked + 2);
});

test.each(["x".repeat(256), ""])("a name of a wrong length is 400", async (name) => {
  expect((await ask(name, { ...counting, model: "mock" })).status).toBe(400);
});

test("afterwards the books are right", () => {
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});
