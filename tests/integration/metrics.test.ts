/** `GET /metrics`: who may read it, and that it counts what was done. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chat, hello, openStream, postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { endless } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { samplesOf, scrape } from "../harness/observed.ts";

const metricsToken = "a-token-for-the-monitoring";
const canary = "canary-of-a-client";
const model = "tiny-text";

let gateway: Gateway;
let engine: MockEngine;
let user: User;
let target: { url: string; key: string };

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({
    config: {
      ...unlimited,
      metrics_token: metricsToken,
      pricing: { input_per_1k: 0.001, output_per_1k: 0.003 },
    },
  });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { remote: { base_url: engine.baseUrl, model: "mock" }, parallel: 1 });
  user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey };
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("who may read it", () => {
  test("admins and the monitoring's token, by any way that keys are sent", async () => {
    for (const headers of [
      bearer(gateway.adminKey),
      { "x-api-key": gateway.adminKey },
      bearer(metricsToken),
    ]) {
      const response = await gateway.fetch("/metrics", { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(samplesOf(await response.text()).length).toBeGreaterThan(20);
    }
  });

  test.each<[string, Record<string, string>, number]>([
    ["nobody in particular", {}, 401],
    ["an unknown key", bearer(`sk-${"0".repeat(48)}`), 401],
    ["a part of the token", bearer(metricsToken.slice(0, -1)), 401],
    ["the token as a key", { "x-api-key": metricsToken }, 401],
    ["the token in the query", {}, 401],
  ])("not %s", async (_name, headers, status) => {
    const response = await gateway.fetch(`/metrics?token=${metricsToken}`, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", code: "invalid_api_key" },
    });
  });

  test("no user: 403", async () => {
    const response = await gateway.fetch("/metrics", { headers: bearer(user.apiKey) });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { type: "permission_error" } });
  });

  test("HEAD has no body, and other methods are refused", async () => {
    const head = await gateway.fetch("/metrics", { method: "HEAD", headers: bearer(metricsToken) });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await gateway.fetch("/metrics", {
      method: "POST",
      headers: bearer(metricsToken),
      body: "{}",
    });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("not the token once the configuration has another", async () => {
    const next = `${metricsToken}-2`;
    await gateway.admin("PATCH", "config", { metrics_token: next });
    expect((await gateway.fetch("/metrics", { headers: bearer(metricsToken) })).status).toBe(401);
    expect((await gateway.fetch("/metrics", { headers: bearer(next) })).status).toBe(200);
    await gateway.admin("PATCH", "config", { metrics_token: null });
    for (const text of [next, "", "null"])
      expect((await gateway.fetch("/metrics", { headers: bearer(text) })).status).toBe(401);
    await gateway.admin("PATCH", "config", { metrics_token: metricsToken });
  });
});

interface Answer {
  usage: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details: { cached_tokens: number };
  };
}

test("requests, tokens, cost and times are those of what was done", async () => {
  const before = await scrape(gateway);
  const usages = [];
  for (let i = 0; i < 3; i++)
    usages.push(((await (await chat(target, { ...hello, model })).json()) as Answer).usage);
  await (await openStream(target, { ...hello, model })).rest();
  const after = await scrape(gateway);
  const added = (name: string, labels: Record<string, string>) =>
    after.value(name, labels) - before.value(name, labels);
  const [first] = usages;
  if (!first) throw new Error("There were requests.");
  // The stream was the same request once more.
  const cached = usages.reduce((sum, usage) => sum + usage.prompt_tokens_details.cached_tokens, 0);
  expect(added("requests_total", { endpoint: "chat.completions", model, status: "200" })).toBe(4);
  expect(added("requests_total", {})).toBe(4);
  expect(added("tokens_total", { model, kind: "prompt" })).toBe(4 * first.prompt_tokens);
  expect(added("tokens_total", { model, kind: "completion" })).toBe(4 * first.completion_tokens);
  expect(added("tokens_total", { model, kind: "cached" })).toBeGreaterThanOrEqual(cached);
  const cost = 4 * (first.prompt_tokens * 1e-6 + first.completion_tokens * 3e-6);
  expect(added("cost_dollars_total", { model })).toBeCloseTo(cost, 9);
  for (const name of ["request_duration_seconds", "first_token_seconds", "queue_wait_seconds"]) {
    expect(added(`${name}_count`, { model })).toBe(4);
    expect(added(`${name}_bucket`, { model, le: "+Inf" })).toBe(4);
    expect(added(`${name}_bucket`, { model, le: "600" })).toBe(4);
  }
  expect(added("request_duration_seconds_sum", { model })).toBeGreaterThan(
    added("first_token_seconds_sum", { model }),
  );
  expect(added("tokens_per_second_count", { model })).toBe(4);
});

test("refusals are counted without a model, and no label has what a client sent", async () => {
  const limited = await gateway.createUser({ limits: { requests_per_minute: 1 } });
  const poor = await gateway.createUser({ tier: "payg", balance: 0.000001 });
  const before = await scrape(gateway);
  const body = JSON.stringify({ ...hello, model });
  const url = `${gateway.url}/v1/chat/completions`;
  const statuses = [
    (await postJson(url, `sk-${canary}-${canary}`, body)).status,
    (await postJson(url, user.apiKey, "{")).status,
    (await postJson(url, user.apiKey, JSON.stringify({ ...hello, model: canary }))).status,
    (await postJson(url, poor.apiKey, body)).status,
    (await gateway.fetch("/v1/models", { headers: bearer(limited.apiKey) })).status,
    (await postJson(url, limited.apiKey, body)).status,
    (await postJson(`${gateway.url}/v1/${canary}`, user.apiKey, body)).status,
    (await gateway.fetch("/v1/chat/completions", { method: "PUT", headers: bearer(user.apiKey) })).status,
    (await gateway.fetch(`/v1/models/${canary}`, { headers: bearer(user.apiKey) })).status,
    (await gateway.fetch(`/v1/responses/${canary}`, { headers: bearer(user.apiKey) })).status,
  ];
  expect(statuses).toEqual([401, 400, 404, 402, 200, 429, 404, 405, 404, 404]);
  const after = await scrape(gateway);
  const added = (endpoint: string, status: number) => {
    const labels = { endpoint, model: "", status: String(status) };
    return after.value("requests_total", labels) - before.value("requests_total", labels);
  };
  for (const status of [401, 400, 404, 402, 429])
    expect([status, added("chat.completions", status)]).toEqual([status, 1]);
  expect(added("none", 404)).toBe(1);
  expect(added("none", 405)).toBe(1);
  expect(added("models.list", 200)).toBe(1);
  expect(added("models.get", 404)).toBe(1);
  expect(added("responses.kept", 404)).toBe(1);
  expect(JSON.stringify(after.samples)).not.toContain(canary);
});

test("what the server refuses by itself is counted once, too", async () => {
  const before = await scrape(gateway);
  const { status } = await gateway.rawRequest("POST", "/v1/../v1/chat/completions", user.apiKey);
  const after = await scrape(gateway);
  const all = after.value("requests_total") - before.value("requests_total");
  const such = { endpoint: "none", status: String(status) };
  expect([status, all]).toEqual([expect.any(Number), 1]);
  expect(after.value("requests_total", such) - before.value("requests_total", such)).toBe(1);
});

test("who leaves is counted as 499, with the tokens that were generated", async () => {
  const before = await scrape(gateway);
  engine.behaviour = endless(5);
  const stream = await openStream(target, { ...hello, model: "mock" });
  await stream.next();
  await stream.next();
  stream.leave();
  const labels = { model: "mock", status: "499" };
  await expect
    .poll(async () => (await scrape(gateway)).value("requests_total", labels), { timeout: 5_000 })
    .toBe(before.value("requests_total", labels) + 1);
  expect(
    (await scrape(gateway)).value("tokens_total", { model: "mock", kind: "completion" }),
  ).toBeGreaterThan(0);
});

test("slots, engines and who is under way, as they are now", async () => {
  engine.behaviour = endless(5);
  const streams = [await openStream(target, { ...hello, model: "mock" })];
  const waiting = new AbortController();
  const second = chat(target, { ...hello, model: "mock" }, waiting.signal).catch(() => null);
  const remote = { slot: String(gateway.slot(1)), model: "mock" };
  await expect
    .poll(async () => (await scrape(gateway)).value("requests_queued", remote), { timeout: 5_000 })
    .toBe(1);
  const now = await scrape(gateway);
  expect(now.value("requests_in_flight", remote)).toBe(1);
  expect(now.value("slots", { status: "ready" })).toBe(2);
  expect(now.value("slots", { status: "empty" })).toBe(5);
  const local = { slot: String(gateway.slot(0)), model };
  expect(now.value("engine_resident_memory_bytes", local)).toBeGreaterThan(1_000_000);
  expect(now.value("engine_cpu_seconds_total", local)).toBeGreaterThan(0);
  expect(now.value("storage_ok")).toBe(1);
  expect(now.value("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(now.value("process_cpu_seconds_total")).toBeGreaterThan(0);
  waiting.abort();
  await second;
  for (const stream of streams) stream.leave();
  await expect
    .poll(async () => (await scrape(gateway)).value("requests_in_flight", remote), { timeout: 5_000 })
    .toBe(0);
});
