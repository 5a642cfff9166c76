/** What `/openapi.json` says is what the gateway does: schemathesis tries each operation. */
import { beforeAll, expect, test } from "vitest";
import { modelFiles } from "../harness/data-folder.ts";
import { startGateway } from "../harness/gateway.ts";
import { localHub } from "../harness/hub.ts";
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

/**
 * Only wrong requests of these: right ones would start engines and have the gateway ask servers at random addresses, or
 * change the configuration and the files that the test rests on; and no random bytes are a model.
 */
const dangerous = ["loadModel", "changeConfig", "deleteModel", "uploadModel"];

test("the admin API", async () => {
  // Of its own, as it changes users and their limits at random.
  await using hub = await localHub({ "Qwen/Qwen2.5-3B-Instruct-GGUF": { files: {} } });
  await using gateway = await startGateway({ config: { hub_url: hub.url } });
  const only = (kind: string) => dangerous.flatMap((id) => [`--${kind}-operation-id`, id]);
  const options = [...sameRequests, "--include-path-regex", "^/admin/", ...only("exclude")];
  const answers = await holdAgainstDocument(gateway, maxExamples, options);
  for (const operation of ["GET /admin/api/slots", "POST /admin/api/users", "GET /admin/api/config"])
    expect(answers[operation]).toHaveProperty(["200 application/json"]);

  const refused = await holdAgainstDocument(gateway, maxExamples, [
    ...sameRequests,
    "--mode",
    "negative",
    ...only("include"),
  ]);
  for (const operation of ["POST /admin/api/slots/load", "PATCH /admin/api/config"])
    expect(refused[operation]).toHaveProperty(["400 application/json"]);
}, 180_000);
