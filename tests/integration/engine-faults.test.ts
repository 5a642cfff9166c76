/** Engines that die, hang or never come up: their requests end with a clear error, and they are restarted. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chat, chunksOf, counting, hello, openStream, sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { databaseFaults, usageOf } from "../harness/database.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { isAlive } from "../harness/processes.ts";
import { waitFor } from "../harness/wait.ts";

/** Goes on until max_tokens: neither of the model's two end tokens may come. */
const endless = {
  model: "SmolLM2-135M-Instruct",
  messages: [{ role: "user", content: "Tell a long story." }],
  logit_bias: { 0: -100, 2: -100 },
  max_tokens: 1800,
};
const smol = { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 };

let gateway: Gateway;
let user: User;
let target: { url: string; key: string };

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, engine_stall_s: 2 } });
  await gateway.loadModel(0, smol);
  await gateway.loadModel(1, { model_path: modelFiles.text });
  user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey };
});
/** A restart by hand forgets earlier crashes, so that each test begins with a clean slot. */
beforeEach(async () => {
  await gateway.admin("POST", `slots/${gateway.slot(0)}/restart`);
  await gateway.waitForStatus(0, "ready");
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function pidOf(index: number): Promise<number> {
  const { pid } = await gateway.slotState(index);
  if (pid === null) throw new Error(`Slot ${index} has no process`);
  return pid;
}

async function answersAgain(model: string): Promise<void> {
  const response = await chat(target, { ...hello, model, max_tokens: 5 });
  expect(response.status, await response.text()).toBe(200);
}

test("threat 5: an engine killed mid-stream ends the stream with an error, is billed once and comes back", async () => {
  const pid = await pidOf(0);
  const stream = await openStream(target, endless);
  const first = [await stream.next(), await stream.next(), await stream.next()];
  process.kill(pid, "SIGKILL");
  const events = [...first, ...(await stream.rest())].filter((event) => event !== null);
  expect(events.at(-1)).not.toBe("[DONE]");
  const chunks = chunksOf(events);
  expect(chunks.at(-1)?.error).toMatchObject({ type: "server_error", code: "engine_crashed" });
  const slot = await gateway.waitForStatus(0, "ready");
  expect(slot.pid).not.toBe(pid);
  await answersAgain(endless.model);
  const delivered = chunks.filter((chunk) => chunk.choices?.[0]?.delta.content).length;
  const rows = usageOf(gateway.dataDir, user.id).filter((row) => row.outcome === "engine_failed");
  expect(rows).toHaveLength(1);
  expect(rows[0]?.completion_tokens).toBeGreaterThanOrEqual(delivered);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
});

test("a whole answer whose engine is killed is a 502 that SDKs do not repeat", async () => {
  const pid = await pidOf(0);
  const answer = chat(target, endless);
  await waitFor("the engine to be busy", async () => (await gateway.slotState(0)).in_flight === 1);
  // Some tokens must have come: only then a repetition would cost the user twice.
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill(pid, "SIGKILL");
  const response = await answer;
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "engine_crashed", type: "server_error" } });
  expect(response.headers.get("x-should-retry")).toBe("false");
  await gateway.waitForStatus(0, "ready");
});

test("a crash does not touch the other slots", async () => {
  const [first, second] = [await pidOf(0), await pidOf(1)];
  const stream = await openStream(target, { ...counting, model: "tiny-text", max_tokens: 4000 });
  await stream.next();
  process.kill(first, "SIGKILL");
  expect((await stream.rest()).at(-1)).toBe("[DONE]");
  await answersAgain("tiny-text");
  expect(await pidOf(1)).toBe(second);
  await gateway.waitForStatus(0, "ready");
});

test("threat 6: an engine that is alive but hangs is noticed, ended and restarted", async () => {
  const pid = await pidOf(0);
  const stream = await openStream(target, endless);
  await stream.next();
  process.kill(pid, "SIGSTOP");
  const events = await stream.rest();
  expect(chunksOf(events).at(-1)?.error).toMatchObject({ type: "server_error", code: "engine_timeout" });
  await waitFor("the stopped engine to be ended", () => !isAlive(pid));
  await gateway.waitForStatus(0, "ready");
  await answersAgain(endless.model);
});

test("an engine that hangs before its first token is a 504", async () => {
  const pid = await pidOf(0);
  process.kill(pid, "SIGSTOP");
  const response = await chat(target, endless);
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ error: { code: "engine_timeout" } });
  await waitFor("the stopped engine to be ended", () => !isAlive(pid));
  await gateway.waitForStatus(0, "ready");
});

test("an engine killed while it loads is started anew, and the load succeeds or says why it did not", async () => {
  const loading = gateway.adminResponse("POST", "slots/load", { slot: gateway.slot(2), ...smol });
  const { pid } = await waitFor(
    "the engine's process",
    async () => {
      const slot = await gateway.slotState(2);
      return slot.status === "starting" && slot.pid !== null ? slot : false;
    },
    { everyMs: 2 },
  );
  if (pid === null) throw new Error("A starting slot has no process");
  process.kill(pid, "SIGKILL");
  expect([200, 422]).toContain((await loading).status);
  await gateway.waitForStatus(2, "ready");
  expect(await pidOf(2)).not.toBe(pid);
});

test("an engine that crashes again and again is given up, its last lines are kept, and a restart revives it", async () => {
  let killed: number | null = null;
  await waitFor(
    "the slot to fail",
    async () => {
      const slot = await gateway.slotState(1);
      if (slot.pid !== null && slot.pid !== killed) {
        killed = slot.pid;
        process.kill(slot.pid, "SIGKILL");
      }
      return slot.status === "failed";
    },
    { timeoutMs: 25_000, everyMs: 10 },
  );
  const refused = await chat(target, { ...hello, model: "tiny-text" });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect((await gateway.slotLogs(1)).length).toBeGreaterThan(0);
  await gateway.admin("POST", `slots/${gateway.slot(1)}/restart`);
  await gateway.waitForStatus(1, "ready");
  const answer = await chat(target, { ...hello, model: "tiny-text" });
  expect(await answer.text()).toContain(sentence);
}, 40_000);

test("a file that is no model is a 422 with the engine's words", async () => {
  const response = await gateway.adminResponse("POST", "slots/load", {
    slot: gateway.slot(3),
    model_path: modelFiles.mmprojVision,
    model_type: "text",
  });
  expect([400, 422]).toContain(response.status);
  expect(((await response.json()) as { error: { message: string } }).error.message.length).toBeGreaterThan(
    10,
  );
  expect((await gateway.fetch("/health")).status).toBe(200);
});
