/** The official Python SDK, unmodified, against the gateway and a real engine. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pythonWith, runPython } from "../harness/python.ts";

/** Each is a function of python/openai_sdk.py, which raises where something is not as it should be. */
const cases = [
  "models",
  "chat",
  "chat_of_sense",
  "stream",
  "tools",
  "streamed_tools",
  "json_schema",
  "authentication_error",
  "insufficient_balance",
  "not_found_error",
  "bad_request_error",
  "rate_limit_error",
  "asynchronous_client",
  "abort",
  "transcription",
  "streamed_transcription",
];

let gateway: Gateway;
/** What each case came to: `ok`, or its traceback. */
let results: Record<string, string>;

beforeAll(async () => {
  const python = await pythonWith("openai", "3.54.0");
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  await gateway.loadModel(2, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojAudio });
  const user = await gateway.createUser();
  const limited = await gateway.createUser({ limits: { requests_per_minute: 1 } });
  const poor = await gateway.createUser({ tier: "payg", balance: 0 });
  const output = await runPython(python, ["openai_sdk.py", ...cases], {
    OPENAI_BASE_URL: `${gateway.url}/v1`,
    OPENAI_API_KEY: user.apiKey,
    LIMITED_KEY: limited.apiKey,
    POOR_KEY: poor.apiKey,
    ADMIN_KEY: gateway.adminKey,
    ADMIN_URL: `${gateway.url}/admin/api`,
    SLOT_PORT: String(gateway.slot(1)),
  });
  results = JSON.parse(output);
}, 300_000);
afterAll(async () => gateway?.[Symbol.asyncDispose]());

test.each(cases)("%s", (name) => {
  expect(results[name]).toBe("ok");
});
