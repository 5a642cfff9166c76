/** As openapi-schemathesis.test.ts, with many more requests. */
import { expect, test } from "vitest";
import { modelFiles } from "../harness/data-folder.ts";
import { startGateway } from "../harness/gateway.ts";
import { localHub } from "../harness/hub.ts";
import { contractConfig, holdAgainstDocument, sameRequests } from "../harness/openapi-contract.ts";

const maxExamples = 200;
/** Of each of the many operations of admins. */
const adminExamples = 10;
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
  const answers = await holdAgainstDocument(gateway, adminExamples, options, timeoutMs);
  for (const operation of ["GET /admin/api/slots", "POST /admin/api/users", "GET /admin/api/config"])
    expect(answers[operation]).toHaveProperty(["200 application/json"]);

  const wrong = [...sameRequests, "--mode", "negative", ...only("include")];
  const refused = await holdAgainstDocument(gateway, adminExamples, wrong, timeoutMs);
  for (const operation of ["POST /admin/api/slots/load", "PATCH /admin/api/config"])
    expect(refused[operation]).toHaveProperty(["400 application/json"]);
});
