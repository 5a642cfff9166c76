/** LangChain, unmodified, against the gateway and real engines. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pythonWith, runPython } from "../harness/python.ts";

/** Each is a function of python/langchain_sdk.py, which raises where something is not as it should be. */
const cases = [
  "whole",
  "stream",
  "asynchronous",
  "tools",
  "streamed_tools",
  "structured_output",
  "responses",
  "completion",
  "embed",
  "no_network",
];

let gateway: Gateway;
/** What each case came to: `ok`, or its traceback. */
let results: Record<string, string>;

beforeAll(async () => {
  const python = await pythonWith("langchain-openai", "1.7.4");
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.embed });
  const output = await runPython(python, ["langchain_sdk.py", ...cases], {
    OPENAI_BASE_URL: `${gateway.url}/v1`,
    OPENAI_API_KEY: (await gateway.createUser()).apiKey,
    LANGSMITH_TRACING: "false",
  });
  results = JSON.parse(output);
}, 300_000);
afterAll(async () => gateway?.[Symbol.asyncDispose]());

test.each(cases)("%s", (name) => {
  expect(results[name]).toBe("ok");
});
