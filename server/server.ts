/** The entry point: opens what outlives requests, builds the services, listens, and shuts down in order. */
import path from "node:path";
import { openConfigStore } from "../lib/config/store.ts";
import { readEnvironment } from "../lib/env.ts";
import { removeAbandonedUploads } from "../lib/models/abandoned-uploads.ts";
import { createAccounts } from "../lib/money/accounts.ts";
import { provideRuntime } from "../lib/runtime.ts";
import { undoSwap } from "./backup/swap.ts";
import { banner } from "./banner.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { openDatabase } from "./database/client.ts";
import { listen } from "./http/listen.ts";
import { createPortal } from "./http/portal.ts";
import { createHttpServer } from "./http/server.ts";
import { settleInterrupted } from "./interrupted-requests.ts";
import { startPruning } from "./jobs/prune.ts";
import { openLog } from "./log.ts";
import { createServices } from "./services.ts";
import { shutDownOnSignals } from "./shutdown.ts";

async function main(): Promise<void> {
  const development = process.argv.includes("--dev");
  const environment = readEnvironment(process.env);
  const { dataDir } = environment;
  const ownLog = openLog();
  const { log, flush: flushLog, keepIn } = ownLog;
  const portal = createPortal(environment, development);
  const { server, runningRequests, closeSockets } = createHttpServer({
    lane: !development,
    next: portal.handler,
    nextUpgrade: development ? portal.upgrade : undefined,
  });
  await listen(server, environment);

  const unlock = lockDataFolder(dataDir);
  if (await undoSwap(dataDir)) log.warn("A restore that was interrupted was undone.");
  keepIn(path.join(dataDir, "logs", "gateway.log"));
  const left = await removeAbandonedUploads(path.join(dataDir, "models"));
  if (left.length > 0) log.info({ files: left }, "Uploads that were never finished were removed.");
  const configFile = path.join(dataDir, "config.json");
  const config = await openConfigStore({ file: configFile, environment, log });
  log.level = config.current.log_level;
  config.onChange((next) => {
    log.level = next.log_level;
  });
  const database = await openDatabase({ dataDir, log });
  await settleInterrupted(database, dataDir, log);
  const accounts = await createAccounts({ database, log });
  await accounts.ensureAdmin(environment.adminKey ?? config.current.admin_key);
  config.onChange((next, previous) => {
    if (environment.adminKey || next.admin_key === previous.admin_key) return;
    accounts
      .ensureAdmin(next.admin_key)
      .catch((error: unknown) => log.error(error, "The new admin_key could not be put in force."));
  });
  const opened = { environment, config, database, accounts, log, ownLog };
  const { runtime, slots, downloads, capabilityTests, watching } = await createServices(opened);
  provideRuntime(runtime);
  shutDownOnSignals({
    runtime,
    server,
    runningRequests,
    closeSockets,
    endEngines: slots.shutdown,
    endDownloads: () => downloads.close(),
    watching,
    unlock,
    flushLog,
  });
  runtime.underWay.start(accounts);
  startPruning({ database, config, log });
  capabilityTests.start();
  await slots.start();
  await downloads.start().catch((error: unknown) => log.error(error, "Downloads could not be continued."));
  runtime.status = "ok";
  await watching.start();
  portal.start();
  await portal.handler.catch((error: unknown) => log.error(error, "The portal could not be started."));
  const newAdminKey = config.isNew && !environment.adminKey ? config.current.admin_key : null;
  const keySource = environment.adminKey ? "GATEWAY_ADMIN_KEY" : `\`admin_key\` in ${configFile}`;
  console.log(banner({ environment, newAdminKey, keySource }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
