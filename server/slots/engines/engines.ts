/** All kinds of engines, and what they share: the models on the disk and the processes. */
import path from "node:path";
import type { Logger } from "pino";
import type { Config } from "../../../lib/config/schema.ts";
import type { Environment } from "../../../lib/env.ts";
import { Catalogue } from "../../../lib/models/catalogue.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";
import { PidFiles } from "../processes/pid-files.ts";
import { Reaper } from "../processes/reaper.ts";
import type { PlannedEngine } from "./engine.ts";
import { llamaServerAdapter } from "./llama-server.ts";
import { remoteAdapter } from "./remote.ts";

export interface Engines {
  catalogue: Catalogue;
  /** Chooses the kind that can do it. @throws GatewayError when none can */
  plan(request: LoadRequest): Promise<PlannedEngine>;
  /** Ends the engines that an earlier gateway left behind. */
  endLeftovers(): Promise<void>;
  /** Ends what is still there. */
  close(): void;
}

export function createEngines(environment: Environment, config: () => Config, log: Logger): Engines {
  const { dataDir, cacheDir, engineVariables } = environment;
  const runDir = path.join(dataDir, "run");
  const folders = () => ({
    modelsDir: path.join(dataDir, "models"),
    extra: config().model_folders.map((folder) => path.resolve(folder)),
    cacheDir,
  });
  const catalogue = new Catalogue(folders, path.join(runDir, "model-facts.json"));
  const reaper = new Reaper(engineVariables, log);
  const pidFiles = new PidFiles(runDir, log);
  const llamaServer = llamaServerAdapter({ environment, config, catalogue, runDir, reaper, pidFiles });
  return {
    catalogue,
    plan: (request) => (request.remote ? remoteAdapter : llamaServer).plan(request),
    endLeftovers: () => pidFiles.endLeftovers(),
    close: () => reaper.close(),
  };
}
