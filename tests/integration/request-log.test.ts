/** One line in the log for each request, and in it nothing that is nobody's business. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { queryDatabase, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { lineOf, requestLines } from "../harness/observed.ts";

const canaryPrompt = "canary-prompt";
const canaryKey = "sk-canary-key-000000000000";
const model = "tiny-text";

let gateway: Gateway;
let user: User;
let target: { url: string; key: string };

beforeAll(async () => {
  gateway = await startGateway({
    config: { ...unlimited, pricing: { input_per_1k: 0.001, output_per_1k: 0.003 } },
  });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test("a request's line, its usage row and its answer have one id and the same figures", async () => {
  const messages = [{ role: "user", content: `say hello ${canaryPrompt}` }];
  const response = await chat(target, { ...hello, messages, model });
  const { usage } = (await response.json()) as {
    usage: { prompt_tokens: number; completion_tokens: number };
  };
  const id = response.headers.get("x-request-id");
  const line = await lineOf(gateway, id);
  const row = usageOf(gateway.dataDir, user.id).find(({ request_id }) => request_id === id);
  const [key] = queryDatabase<{ id: number }>(
    gateway.dataDir,
    "SELECT id FROM api_keys WHERE user_id = ?",
    user.id,
  );
  expect(line).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    msg: "Request.",
    requestId: id,
    method: "POST",
    path: "/v1/chat/completions",
    status: 200,
    outcome: "ok",
    endpoint: "chat.completions",
    model,
    userId: user.id,
    keyId: key?.id,
    stream: false,
    tokensIn: usage.prompt_tokens,
    tokensCached: expect.any(Number),
    tokensOut: usage.completion_tokens,
    cost: (row?.cost_nanos ?? 0) / 1e9,
    queueMs: 0,
    firstTokenMs: expect.any(Number),
    durationMs: expect.any(Number),
  });
  expect(row).toMatchObject({
    prompt_tokens: usage.prompt_tokens,
    completion_tokens: usage.completion_tokens,
    http_status: 200,
  });
  expect(line.durationMs).toBeGreaterThanOrEqual(line.firstTokenMs as number);
});

test("a stream has one line, too", async () => {
  const stream = await openStream(target, { ...hello, model });
  await stream.rest();
  const id = stream.response.headers.get("x-request-id");
  expect(await lineOf(gateway, id)).toMatchObject({ stream: true, outcome: "ok", status: 200 });
  expect(requestLines(gateway).filter(({ requestId }) => requestId === id)).toHaveLength(1);
});

test("look-ups and refusals have lines with what is known of them", async () => {
  const list = await gateway.fetch(`/v1/models?key=${canaryKey}`, { headers: bearer(user.apiKey) });
  const lookUp = await lineOf(gateway, list.headers.get("x-request-id"));
  expect(lookUp).toMatchObject({
    method: "GET",
    path: "/v1/models",
    status: 200,
    outcome: "ok",
    userId: user.id,
  });
  expect(lookUp.endpoint).toBe("models.list");

  const stranger = await chat({ ...target, key: canaryKey }, { ...hello, model });
  const refused = await lineOf(gateway, stranger.headers.get("x-request-id"));
  expect(refused).toMatchObject({ status: 401, outcome: "refused", endpoint: "chat.completions" });
  for (const field of ["userId", "keyId", "model"]) expect(refused).not.toHaveProperty(field);

  const absent = await chat(target, { ...hello, model: canaryPrompt });
  expect(await lineOf(gateway, absent.headers.get("x-request-id"))).toMatchObject({
    status: 404,
    userId: user.id,
  });

  const lost = await gateway.fetch(`/v1/${canaryKey}/x?y=${canaryKey}`, { headers: bearer(user.apiKey) });
  const unknown = await lineOf(gateway, lost.headers.get("x-request-id"));
  expect(unknown).toMatchObject({ path: "/v1/sk-.../x", status: 404, endpoint: "none" });
});

test("no line has a key or what was said, and /health and /metrics have none", async () => {
  await (await gateway.fetch("/health")).text();
  await (await gateway.fetch("/metrics", { headers: bearer(gateway.adminKey) })).text();
  const last = await gateway.fetch("/v1/models", { headers: bearer(user.apiKey) });
  await lineOf(gateway, last.headers.get("x-request-id"));
  const secrets = [canaryPrompt, canaryKey, user.apiKey, gateway.adminKey, "say hello", "tiny test model"];
  expect(requestLines(gateway).length).toBeGreaterThan(5);
  expect(secrets.filter((secret) => gateway.logs().includes(secret))).toEqual([]);
  const paths = requestLines(gateway).map(({ path }) => path);
  expect(paths.filter((path) => path === "/health" || path === "/metrics")).toEqual([]);
});

test("no line is written while the log is for warnings", async () => {
  await gateway.admin("PATCH", "config", { log_level: "warn" });
  const silent = await gateway.fetch("/v1/models", { headers: bearer(user.apiKey) });
  await gateway.admin("PATCH", "config", { log_level: "info" });
  const loud = await gateway.fetch("/v1/models", { headers: bearer(user.apiKey) });
  await lineOf(gateway, loud.headers.get("x-request-id"));
  const ids = requestLines(gateway).map(({ requestId }) => requestId);
  expect(ids).not.toContain(silent.headers.get("x-request-id"));
});

test("the parts of server-timing make up the whole", async () => {
  for (const response of [
    await chat(target, { ...hello, model }),
    await chat(target, { ...hello, model, stream: true }),
  ]) {
    const timing = response.headers.get("server-timing") ?? "";
    const parts = [...timing.matchAll(/(\w+);dur=([\d.]+)/g)].map(
      ([, name, ms]) => [name, Number(ms)] as const,
    );
    expect(parts.map(([name]) => name)).toEqual(["admission", "queue", "engine", "gateway"]);
    expect(parts.find(([name]) => name === "engine")?.[1]).toBeGreaterThan(0);
    const sum = parts.reduce((all, [, ms]) => all + ms, 0);
    expect(Math.abs(sum - Number(response.headers.get("openai-processing-ms")))).toBeLessThan(1);
    await response.text();
  }
});

test("a line that was written just before the end is not lost", async () => {
  const response = await gateway.fetch("/v1/models", { headers: bearer(user.apiKey) });
  expect(await gateway.stop()).toBe(0);
  await lineOf(gateway, response.headers.get("x-request-id"));
  expect(gateway.logs()).toContain("Stopped.");
});
