/** A whole gateway tries what its models can do, in its spare time and at nobody's expense. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { queryDatabase } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { waitFor } from "../harness/wait.ts";

interface Row {
  capability: string;
  works: number;
  request_id: string;
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, test_capabilities: true } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const rows = () =>
  queryDatabase<Row>(
    gateway.dataDir,
    "SELECT capability, works, request_id FROM capability_tests ORDER BY capability",
  );

test("after a load each capability is tried once: in the log by its request id, and in nobody's usage", async () => {
  await gateway.loadModel(0, { model_path: modelFiles.text });
  const user = await gateway.createUser();
  const answer = await chat({ url: gateway.url, key: user.apiKey }, { ...hello, model: "tiny-text" });
  expect(answer.status).toBe(200);
  const found = await waitFor("all to be tried", () => rows().length === 4 && rows(), { timeoutMs: 20_000 });
  expect(found).toMatchObject([
    { capability: "json_schema" },
    { capability: "reasoning", works: 0 },
    { capability: "tools", works: 1 },
    { capability: "tools_auto" },
  ]);
  await waitFor("the log's last lines", () =>
    found.every(({ request_id }) => gateway.logs().includes(`"requestId":"${request_id}"`)),
  );
  const usage = queryDatabase<{ request_id: string }>(gateway.dataDir, "SELECT request_id FROM usage");
  expect(usage.map(({ request_id }) => request_id)).toEqual([answer.headers.get("x-request-id")]);
});

test("a test that runs does not keep the gateway from ending, and says nothing of its model", async () => {
  await gateway.loadModel(1, { model_path: modelFiles.smol });
  const isRunning = async () => (await gateway.slotState(1)).in_flight === 1;
  await waitFor("a test to run", isRunning, { timeoutMs: 20_000 });
  const startedMs = performance.now();
  expect(await gateway.stop()).toBe(0);
  // Far below what running requests would be given.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(rows()).toHaveLength(4);
});
