/** Clients that leave free their engine at once, and pay for what was generated. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { endless, instant } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { processorMs } from "../harness/processes.ts";
import { waitFor } from "../harness/wait.ts";

const story = {
  model: "SmolLM2-135M-Instruct",
  messages: [{ role: "user", content: "Tell a long story." }],
  logit_bias: { 0: -100, 2: -100 },
  max_tokens: 1800,
};

let gateway: Gateway;
let engine: MockEngine;

beforeAll(async () => {
  engine = await mockEngine();
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  await gateway.loadModel(1, { remote: { base_url: engine.baseUrl, model: "mock" } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

async function newTarget() {
  const user = await gateway.createUser();
  return { url: gateway.url, key: user.apiKey, userId: user.id };
}

function slotIsFree(): Promise<unknown> {
  return waitFor("the slot to be free", async () => (await gateway.slotState(0)).in_flight === 0, {
    timeoutMs: 1000,
  });
}

/** The engine's own view: within a second it stops using the processor. */
async function engineIsIdle(): Promise<void> {
  const { pid } = await gateway.slotState(0);
  if (pid === null) throw new Error("The slot has no process");
  const busyShare = async () => {
    const before = processorMs(pid);
    await sleep(200);
    return (processorMs(pid) - before) / 200;
  };
  await waitFor("the engine to rest", async () => (await busyShare()) < 0.2, { timeoutMs: 1000 });
}

async function lastUsage(userId: number) {
  return waitFor("the usage row", () => usageOf(gateway.dataDir, userId).at(-1));
}

test("threat 1: leaving a stream frees the engine within a second, and the tokens generated are billed", async () => {
  const target = await newTarget();
  const stream = await openStream(target, story);
  for (let i = 0; i < 5; i++) await stream.next();
  stream.leave();
  await slotIsFree();
  await engineIsIdle();
  const usage = await lastUsage(target.userId);
  expect(usage).toMatchObject({ outcome: "client_left", streamed: 1, estimated: 0 });
  expect(usage.prompt_tokens).toBeGreaterThan(5);
  expect(usage.completion_tokens).toBeGreaterThanOrEqual(4);
  const generated = await tokensOfLastTask();
  // The engine may have made a few more between its last chunk and the closed connection.
  expect(usage.prompt_tokens + usage.completion_tokens).toBeLessThanOrEqual(generated + 1);
  expect(usage.prompt_tokens + usage.completion_tokens).toBeGreaterThan(generated - 30);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

/** Prompt and answer of the task that ended last, as llama-server counts them. */
async function tokensOfLastTask(): Promise<number> {
  return waitFor("the engine's own count", async () => {
    const counts = (await gateway.slotLogs(0)).flatMap(
      (line) => /n_tokens = (\d+), truncated/.exec(line)?.[1] ?? [],
    );
    return Number(counts.at(-1));
  });
}

test("threat 2: leaving a whole answer frees the engine within a second while another one goes on", async () => {
  const target = await newTarget();
  const other = await openStream(target, { ...story, max_tokens: 150 });
  await other.next();
  const controller = new AbortController();
  const answer = chat(target, story, controller.signal).catch((error: Error) => error.name);
  await waitFor("both to run", async () => (await gateway.slotState(0)).in_flight === 2);
  controller.abort();
  expect(await answer).toBe("AbortError");
  await waitFor("one to be left", async () => (await gateway.slotState(0)).in_flight === 1, {
    timeoutMs: 1000,
  });
  expect((await other.rest()).at(-1)).toBe("[DONE]");
  await engineIsIdle();
});

test("a connection that is reset counts as a client that left", async () => {
  const target = await newTarget();
  const body = JSON.stringify({ ...story, stream: true });
  const socket = connect(gateway.port, "127.0.0.1");
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resetAndDestroy();
  await slotIsFree();
  expect(await lastUsage(target.userId)).toMatchObject({ outcome: "client_left" });
});

test("200 clients that leave a remote engine's streams leave none open there", async () => {
  const target = await newTarget();
  engine.behaviour = endless(20);
  const streams = await Promise.all(
    Array.from({ length: 200 }, () => openStream(target, { model: "mock", messages: story.messages })),
  );
  await Promise.all(streams.map((stream) => stream.next()));
  expect(engine.open).toBe(200);
  for (const stream of streams) stream.leave();
  await waitFor("no stream to be open", () => engine.open === 0, { timeoutMs: 2000 });
  await waitFor("200 usage rows", () => usageOf(gateway.dataDir, target.userId).length === 200);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
  engine.behaviour = instant();
  expect((await chat(target, { model: "mock", messages: story.messages })).status).toBe(200);
});

test("a client that stops reading stops the engine, not the gateway's memory", async () => {
  const target = await newTarget();
  engine.behaviour = endless(0, "x".repeat(50_000));
  const body = JSON.stringify({ model: "mock", messages: story.messages, stream: true });
  const socket = connect(gateway.port, "127.0.0.1");
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await waitFor("the stream to begin", () => engine.open === 1);
  const { writtenBytes } = engine;
  const grownBytes = await waitFor("the engine to be held", async () => {
    const before = engine.writtenBytes;
    await sleep(500);
    return engine.writtenBytes === before ? engine.writtenBytes - writtenBytes : false;
  });
  // What kernel and gateway buffer on the way, at most.
  expect(grownBytes).toBeLessThan(20_000_000);
  socket.destroy();
  await waitFor("the stream to be closed", () => engine.open === 0);
});
