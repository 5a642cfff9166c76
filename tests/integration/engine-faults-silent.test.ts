/** Threat 6: engines that answer `/health` and generate nothing, beside clients that leave before anybody notices. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, openStream, textOf } from "../harness/chat.ts";
import { modelFiles, temporaryFolder, unlimited } from "../harness/data-folder.ts";
import { databaseFaults } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { longPrompt, neverAnswers } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { mockLlamaServer } from "../harness/mock-llama-server.ts";
import { waitFor } from "../harness/wait.ts";

const stallMs = 8_000;
/** Long enough for suspicion, and too short for the engine to stall under one client. */
const patienceMs = 3_500;
const body = { ...hello, model: "tiny-text" };

let folder: string;
let engine: MockEngine;
let gateway: Gateway;
let target: { url: string; key: string };

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = await mockEngine({ model: "tiny-text", asLlamaServer: true });
  gateway = await startGateway({
    config: { ...unlimited, engine_stall_s: stallMs / 1000 },
    environment: { LLAMA_SERVER: await mockLlamaServer(folder, engine) },
  });
  await gateway.loadModel(0, { model_path: modelFiles.text, parallel: 4 });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Clients of short patience, one after the other, until `isOver`. @returns what became of each */
async function impatientClients(isOver: () => boolean): Promise<string[]> {
  const ends: string[] = [];
  while (!isOver())
    ends.push(
      await chat(target, body, AbortSignal.timeout(patienceMs)).then(
        (response) => String(response.status),
        (error: Error) => error.name,
      ),
    );
  return ends;
}

function proofs(): number {
  return engine.requests.filter((request) => request.target === "/completion").length;
}

test("an engine that generates nothing is restarted although every client leaves early", async () => {
  const { pid } = await gateway.slotState(0);
  const proofsBefore = proofs();
  engine.behaviour = neverAnswers();
  let isOver = false;
  const clients = [1, 2, 3].map(() => impatientClients(() => isOver));
  const startedMs = performance.now();
  const crashed = await waitFor(
    "the engine to be ended",
    async () => {
      const slot = await gateway.slotState(0);
      return slot.pid !== pid && slot;
    },
    { timeoutMs: 60_000 },
  ).finally(() => {
    isOver = true;
  });
  // The first client's patience, then what any request has; the rest is the machine's.
  expect(performance.now() - startedMs).toBeLessThan(patienceMs + stallMs + 3_000);
  expect(crashed.error).toContain("not even a test");
  // One for all who left, and the one of the new start at most.
  expect(proofs() - proofsBefore).toBeLessThanOrEqual(2);
  expect((await Promise.all(clients)).flat()).toContain("TimeoutError");
  await gateway.waitForStatus(0, "ready");
  expect((await chat(target, body)).status).toBe(200);
  expect(databaseFaults(gateway.dataDir)).toEqual([]);
}, 90_000);

test("an engine that works on a long prompt is not, although every other client leaves without an answer", async () => {
  const { pid } = await gateway.slotState(0);
  const proofsBefore = proofs();
  // Long enough for the first proof to run out of time, in batches that are longer than it takes to be suspicious.
  engine.behaviour = longPrompt(15_000, 5_000);
  const opened = openStream(target, body);
  await waitFor("the engine to have the request", () => engine.open === 1);
  let isOver = false;
  const clients = impatientClients(() => isOver);
  const { response, rest } = await opened;
  expect(response.status).toBe(200);
  expect(textOf(await rest())).toBe("hello from the mock");
  isOver = true;
  expect((await clients).slice(0, 3)).toEqual(["TimeoutError", "TimeoutError", "TimeoutError"]);
  expect(proofs()).toBeGreaterThan(proofsBefore);
  expect(await gateway.slotState(0)).toMatchObject({ status: "ready", pid });
}, 90_000);
