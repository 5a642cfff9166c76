/** Anthropic's official Python SDK, unmodified, against the gateway and a real engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pythonWith, runPython } from "../harness/python.ts";

/** Each is a function of python/anthropic_sdk.py, which raises where something is not as it should be. */
const cases = [
  "message",
  "stream",
  "thinking",
  "stop_sequence",
  "tools",
  "count_tokens",
  "authentication_error",
  "insufficient_balance",
  "not_found_error",
  "bad_request_error",
  "asynchronous_client",
  "abort",
];

let gateway: Gateway;
let userId: number;
/** What each case came to: `ok`, or its traceback. */
let results: Record<string, string>;

beforeAll(async () => {
  const python = await pythonWith("anthropic", "2.14.0");
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.think });
  const user = await gateway.createUser();
  const poor = await gateway.createUser({ tier: "payg", balance: 0 });
  userId = user.id;
  const output = await runPython(python, ["anthropic_sdk.py", ...cases], {
    ANTHROPIC_BASE_URL: gateway.url,
    ANTHROPIC_API_KEY: user.apiKey,
    POOR_KEY: poor.apiKey,
    ADMIN_KEY: gateway.adminKey,
    ADMIN_URL: `${gateway.url}/admin/api`,
    SLOT_PORT: String(gateway.slot(0)),
  });
  results = JSON.parse(output);
}, 300_000);
afterAll(async () => gateway?.[Symbol.asyncDispose]());

test.each(cases)("%s", (name) => {
  expect(results[name]).toBe("ok");
});

test("what the aborted stream had made is billed", async () => {
  const row = () => usageOf(gateway.dataDir, userId).find(({ outcome }) => outcome === "client_left");
  await expect.poll(row).toMatchObject({ endpoint: "messages", estimated: 0 });
  expect(row()?.completion_tokens).toBeGreaterThan(0);
});
