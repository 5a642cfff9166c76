/** As openapi-schemathesis.test.ts, with many more requests. */
import { expect, test } from "vitest";
import { modelFiles } from "../harness/data-folder.ts";
import { startGateway } from "../harness/gateway.ts";
import { contractConfig, holdAgainstDocument } from "../harness/openapi-contract.ts";

const maxExamples = 200;
const timeoutMs = 540_000;

test.each(["1", "2"])("everything but the admin API, seed %s", async (seed) => {
  await using gateway = await startGateway({ config: contractConfig });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni, parallel: 2 }),
    gateway.loadModel(1, { model_path: modelFiles.embed }),
    gateway.loadModel(2, { model_path: modelFiles.rerank }),
  ]);
  const options = ["--seed", seed, "--generation-database", "none", "--include-path-regex", "^/(?!admin/)"];
  const answers = await holdAgainstDocument(gateway, maxExamples, options, timeoutMs);
  expect(answers["POST /v1/chat/completions"]).toHaveProperty(["200 application/json"]);
  const slots = await gateway.slots();
  expect(slots.slice(0, 3).map(({ status }) => status)).toEqual(["ready", "ready", "ready"]);
});
