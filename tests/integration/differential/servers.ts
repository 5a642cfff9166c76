/** The gateway, and beside it a llama-server of the same settings for each of its models. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { configSchema } from "../../../lib/config/schema.ts";
import { readEnvironment } from "../../../lib/env.ts";
import { Catalogue } from "../../../lib/models/catalogue.ts";
import { findLlamaServer } from "../../../server/slots/engines/llama-binary.ts";
import { llamaCommand } from "../../../server/slots/engines/llama-command.ts";
import { planLlama } from "../../../server/slots/engines/llama-plan.ts";
import { llamaServerPath } from "../../fixtures/index.ts";
import type { ChatTarget } from "../../harness/chat.ts";
import { modelFiles, unlimited } from "../../harness/data-folder.ts";
import { type Gateway, startGateway } from "../../harness/gateway.ts";
import { type LlamaServer, startLlamaServer } from "../../harness/llama-server.ts";
import type { Case, EndpointName } from "./case.ts";

const models = ["text", "think", "omni", "embed", "rerank"] as const;
type Model = (typeof models)[number];

export interface Servers extends AsyncDisposable {
  gateway: ChatTarget;
  direct: Record<Model, ChatTarget>;
}

const loadOf = (model: Model) => ({
  model_path: modelFiles[model],
  mmproj_path: model === "omni" ? modelFiles.mmprojOmni : undefined,
  ctx_size: 1024,
  parallel: 2,
  threads: 1,
});

export async function startServers(): Promise<Servers> {
  const gateway = await startGateway({ config: unlimited });
  const engines: LlamaServer[] = [];
  const stop = async () => {
    for (const one of [...engines, gateway]) await one[Symbol.asyncDispose]();
  };
  try {
    const direct = {} as Servers["direct"];
    for (const [index, model] of models.entries()) {
      await gateway.loadModel(index, loadOf(model));
      const engine = await startBeside(gateway, model);
      engines.push(engine);
      direct[model] = { url: engine.url, key: "" };
    }
    const { apiKey } = await gateway.createUser();
    return { gateway: { url: gateway.url, key: apiKey }, direct, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** By the gateway's own plan and command line, but on a port of its own and without a key. */
async function startBeside({ dataDir }: Gateway, model: Model): Promise<LlamaServer> {
  const environment = readEnvironment({ ...process.env, LLAMA_SERVER: await llamaServerPath() });
  const config = configSchema.parse(JSON.parse(await readFile(path.join(dataDir, "config.json"), "utf8")));
  const folders = { modelsDir: path.join(dataDir, "models"), extra: [], cacheDir: environment.cacheDir };
  const catalogue = new Catalogue(() => folders, path.join(dataDir, "direct-facts.json"));
  const { settings } = await planLlama(loadOf(model), config, catalogue);
  const known = new Set((await findLlamaServer(environment, null)).options);
  for (const own of ["--host", "--port", "--api-key-file"]) known.delete(own);
  return startLlamaServer(llamaCommand({ ...settings, port: 0, keyFile: "" }, known).args);
}

/** Which model a case is for. */
export function modelOf(endpoint: EndpointName, { model }: Case): Model {
  if (endpoint === "embeddings") return "embed";
  return endpoint === "rerank" ? "rerank" : (model ?? "text");
}
