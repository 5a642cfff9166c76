/** What `/openapi.json` says is what the gateway does: schemathesis tries each operation but those of admins. */
import { beforeAll, expect, test } from "vitest";
import { modelFiles } from "../harness/data-folder.ts";
import { startGateway } from "../harness/gateway.ts";
import {
  contractConfig,
  contractTester,
  holdAgainstDocument,
  sameRequests,
} from "../harness/openapi-contract.ts";
import { pythonWith, runPython } from "../harness/python.ts";

const maxExamples = 10;

let validator: string;
beforeAll(async () => {
  validator = await pythonWith("openapi-spec-validator", "0.9.0");
  await contractTester();
}, 300_000);

test("everything but the admin API", async () => {
  await using gateway = await startGateway({ config: contractConfig });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.text, parallel: 2 }),
    gateway.loadModel(1, { model_path: modelFiles.embed }),
    gateway.loadModel(2, { model_path: modelFiles.rerank }),
  ]);
  const document = `${gateway.url}/openapi.json`;
  expect(await runPython(validator, ["openapi_valid.py", document], {})).toBe("");

  // Included by its path, as the document itself is left out otherwise.
  const options = [...sameRequests, "--include-path-regex", "^/(?!admin/)"];
  const answers = await holdAgainstDocument(gateway, maxExamples, options);

  // A run in which everything is refused would pass, too.
  const writing = ["chat/completions", "completions", "responses", "messages"];
  const calls = [...writing, "messages/count_tokens", "embeddings", "rerank"];
  for (const path of calls)
    expect(answers[`POST /v1/${path}`]).toMatchObject({
      "200 application/json": expect.any(Number),
      "400 application/json": expect.any(Number),
    });
  for (const path of writing) expect(answers[`POST /v1/${path}`]).toHaveProperty(["200 text/event-stream"]);
  for (const path of ["/v1/models", "/v1/stats/summary", "/health", "/api/models", "/openapi.json"])
    expect(answers[`GET ${path}`]).toHaveProperty(["200 application/json"]);
}, 180_000);
