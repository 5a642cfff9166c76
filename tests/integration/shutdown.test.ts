/** SIGTERM: no new work, running requests finish or are cut at the deadline, engines end, exit code 0. */
import { afterEach, expect, test } from "vitest";
import { type ChatTarget, chunksOf, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { processesNaming } from "../harness/processes.ts";
import { waitFor } from "../harness/wait.ts";

const story = {
  model: "SmolLM2-135M-Instruct",
  messages: [{ role: "user", content: "Tell a long story." }],
  logit_bias: { 0: -100, 2: -100 },
};
const smol = { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 };

let gateway: Gateway;
afterEach(async () => gateway[Symbol.asyncDispose]());

async function startWithModel(config: object = {}): Promise<ChatTarget> {
  gateway = await startGateway({ config: { ...unlimited, ...config } });
  await gateway.loadModel(0, smol);
  return { url: gateway.url, key: (await gateway.createUser()).apiKey };
}

/** Neither the gateway nor an engine nor the reaper is there any more. */
function nothingIsLeft(): Promise<unknown> {
  return waitFor("every process to end", () => processesNaming(gateway.dataDir).length === 0, {
    timeoutMs: 3000,
  });
}

/** A load balancer is told not to send more, by a gateway that still listens. */
async function isDraining(): Promise<boolean> {
  const response = await gateway.fetch("/health");
  const { status } = (await response.json()) as { status: string };
  return response.status === 503 && status === "draining";
}

test("threat 7: SIGTERM mid-stream: not ready, the stream ends well, exit code 0, nothing left", async () => {
  const target = await startWithModel();
  const stream = await openStream(target, { ...story, max_tokens: 100 });
  await stream.next();
  const exit = gateway.stop();
  await waitFor("the gateway to say that it drains", isDraining, { timeoutMs: 1000 });
  const events = await stream.rest();
  expect(events.at(-1)).toBe("[DONE]");
  expect(await exit).toBe(0);
  await nothingIsLeft();
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("threat 7: a stream that outlasts the drain deadline is ended with an error, within bounds", async () => {
  const target = await startWithModel({ drain_s: 1 });
  const stream = await openStream(target, { ...story, max_tokens: 1900 });
  await stream.next();
  const startedMs = performance.now();
  const exit = gateway.stop();
  const events = await stream.rest();
  expect(chunksOf(events).at(-1)?.error).toMatchObject({ type: "server_error" });
  expect(await exit).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  await nothingIsLeft();
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("an engine that is stopped, and so deaf to SIGTERM, does not hold the exit up", async () => {
  await startWithModel({ drain_s: 1 });
  const { pid } = await gateway.slotState(0);
  process.kill(pid ?? 0, "SIGSTOP");
  const startedMs = performance.now();
  expect(await gateway.stop()).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(14_000);
  await nothingIsLeft();
});

test("SIGTERM while a model loads leaves nothing", async () => {
  gateway = await startGateway();
  const loading = gateway
    .adminResponse("POST", "slots/load", { slot: gateway.slot(0), ...smol })
    .catch(() => null);
  await gateway.waitForStatus(0, "starting");
  expect(await gateway.stop()).toBe(0);
  await loading;
  await nothingIsLeft();
});

test("an idle gateway ends at once on SIGINT", async () => {
  gateway = await startGateway();
  const startedMs = performance.now();
  gateway.child.kill("SIGINT");
  expect(await gateway.exited).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(3000);
  await nothingIsLeft();
});
