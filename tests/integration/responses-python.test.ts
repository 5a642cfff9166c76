/** `/v1/responses` for the official Python SDK, unmodified. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { diesMidStream } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { pythonWith, runPython } from "../harness/python.ts";

/** Each is a function of python/openai_responses.py, which raises where something is not as it should be. */
const cases = [
  "whole",
  "stream",
  "stream_helper",
  "parse",
  "tools",
  "streamed_tools",
  "errors",
  "error_within_a_stream",
  "asynchronous_client",
];

let gateway: Gateway;
let engine: MockEngine;
/** What each case came to: `ok`, or its traceback. */
let results: Record<string, string>;

beforeAll(async () => {
  const python = await pythonWith("openai", "3.54.0");
  engine = await mockEngine({ behaviour: diesMidStream(3) });
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.think });
  await gateway.loadModel(2, { remote: { base_url: engine.baseUrl, model: "mock" } });
  const user = await gateway.createUser();
  const output = await runPython(python, ["openai_responses.py", ...cases], {
    OPENAI_BASE_URL: `${gateway.url}/v1`,
    OPENAI_API_KEY: user.apiKey,
  });
  results = JSON.parse(output);
}, 300_000);
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

test.each(cases)("%s", (name) => {
  expect(results[name]).toBe("ok");
});
