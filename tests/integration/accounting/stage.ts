/** The gateway of the accounting run: seven slots with real engines and remotes, users with limits and prices. */
import { rm, symlink } from "node:fs/promises";
import path from "node:path";
import { tinyModels } from "../../fixtures/index.ts";
import { countingLlamaServer, type EngineCounts, engineCounts } from "../../harness/counting-llama-server.ts";
import { temporaryFolder, unlimited } from "../../harness/data-folder.ts";
import { type Gateway, startGateway } from "../../harness/gateway.ts";
import { type MockEngine, mockEngine } from "../../harness/mock-engine.ts";
import { waitFor } from "../../harness/wait.ts";
import { type Askers, makeAskers } from "./askers.ts";
import { type ModelUse, models, pricingConfig, uses } from "./models.ts";
import { writesWords } from "./remotes.ts";

/** Every client may wait in one line. */
const queue = { max_waiting: 1_000, deadline_s: 300 };
/** Prompts of the run are shorter, except for one that is to be refused. */
const ctxSize = 1_024;

export interface Stage extends AsyncDisposable {
  gateway: Gateway;
  askers: Askers;
  remotes: Record<"counted" | "mute", MockEngine>;
  /** What an engine has counted so far. */
  countsOf(use: ModelUse): Promise<EngineCounts>;
}

export async function openStage(): Promise<Stage> {
  const folder = await temporaryFolder();
  const remotes = {
    counted: await mockEngine({ behaviour: writesWords(true), model: models.counted }),
    mute: await mockEngine({ behaviour: writesWords(false), model: models.mute }),
  };
  const gateway = await startGateway({
    config: { ...unlimited, ...pricingConfig, queue },
    environment: { LLAMA_SERVER: await countingLlamaServer(folder) },
  });
  const portOf = (use: ModelUse) => gateway.slot(uses.indexOf(use));
  await loadModels(gateway, remotes);
  return {
    gateway,
    askers: await makeAskers(gateway),
    remotes,
    countsOf: (use) => engineCounts(folder, portOf(use)),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      for (const remote of Object.values(remotes)) await remote[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function loadModels(gateway: Gateway, remotes: Stage["remotes"]): Promise<void> {
  const { embed } = await tinyModels();
  await symlink(embed, path.join(gateway.dataDir, "models", `${models.leftEmbed}.gguf`));
  for (const [place, use] of uses.entries()) {
    const model = models[use];
    const request =
      use === "counted" || use === "mute"
        ? { remote: { base_url: remotes[use].baseUrl, model } }
        : { model_path: `${model}.gguf`, ctx_size: ctxSize, parallel: 4 };
    await gateway.loadModel(place, request);
  }
}

/** Waits until nothing is under way: no request on an engine or in line, and no row to come. */
export async function settled({ gateway }: Stage, rowCount: () => number): Promise<void> {
  let known = -1;
  await waitFor(
    "everything to be settled",
    async () => {
      const slots = await gateway.slots();
      if (slots.some(({ in_flight, queued }) => in_flight + queued > 0)) return false;
      const before = known;
      known = rowCount();
      return known === before;
    },
    { timeoutMs: 60_000, everyMs: 250 },
  );
}
