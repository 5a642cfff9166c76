/** The entry point: builds every service once, listens, and shuts down in order. */
import path from "node:path";
import { openConfigStore } from "../lib/config/store.ts";
import { msPerDay } from "../lib/data/daily-usage.ts";
import { readEnvironment } from "../lib/env.ts";
import { IdempotentAnswers } from "../lib/gateway/idempotency/answers.ts";
import { Commitments } from "../lib/gateway/limits/commitments.ts";
import { monthStartMs } from "../lib/gateway/limits/monthly-use.ts";
import { RequestLimiter } from "../lib/gateway/limits/request-limiter.ts";
import { UnderWay } from "../lib/gateway/under-way.ts";
import { createMetrics } from "../lib/metrics/registry.ts";
import { createAccounts } from "../lib/money/accounts.ts";
import { provideRuntime, type Runtime } from "../lib/runtime.ts";
import { banner } from "./banner.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { openDatabase } from "./database/client.ts";
import { listen } from "./http/listen.ts";
import { createPortal } from "./http/portal.ts";
import { createHttpServer } from "./http/server.ts";
import { ImageFetcher } from "./images/image-fetcher.ts";
import { startPruning } from "./jobs/prune.ts";
import { openLog } from "./log.ts";
import { shutDownOnSignals } from "./shutdown.ts";
import { createSlots } from "./slots/supervisor.ts";

const limitWindowMs = 60_000;

async function main(): Promise<void> {
  const development = process.argv.includes("--dev");
  const environment = readEnvironment(process.env);
  const { log, flush: flushLog } = openLog();
  const portal = createPortal(environment, development);
  const { server, runningRequests } = createHttpServer({ lane: !development, next: portal.handler });
  await listen(server, environment);

  const unlock = await lockDataFolder(environment.dataDir);
  const configFile = path.join(environment.dataDir, "config.json");
  const config = await openConfigStore({ file: configFile, environment, log });
  log.level = config.current.log_level;
  config.onChange((next) => {
    log.level = next.log_level;
  });
  const database = await openDatabase({ dataDir: environment.dataDir, log });
  const interrupted = await database.settleOpenRequests();
  if (interrupted > 0)
    log.warn({ requests: interrupted }, "Requests that an end without warning left were settled.");
  const accounts = await createAccounts({ database, log });
  await accounts.ensureAdmin(environment.adminKey ?? config.current.admin_key);
  config.onChange((next, previous) => {
    if (environment.adminKey || next.admin_key === previous.admin_key) return;
    accounts
      .ensureAdmin(next.admin_key)
      .catch((error: unknown) => log.error(error, "The new admin_key could not be put in force."));
  });
  const slots = createSlots({ config, environment, log, database });
  const limiter = new RequestLimiter();
  const commitments = new Commitments();
  const metrics = createMetrics({ slots, accounts });
  const startedMs = Date.now();
  const minute = await database.usage.startedSince(startedMs - limitWindowMs);
  limiter.restore(minute);
  const month = await database.dailyUsage.byKeySince(monthStartMs(startedMs) / msPerDay);
  commitments.restore({ minute, month });
  const underWay = new UnderWay();
  underWay.start(accounts);
  startPruning({ database, config, log });
  const runtime: Runtime = {
    environment,
    config,
    database,
    accounts,
    slots,
    limiter,
    commitments,
    underWay,
    idempotentAnswers: new IdempotentAnswers(database),
    metrics,
    images: new ImageFetcher(),
    log,
    status: "starting",
  };
  provideRuntime(runtime);
  shutDownOnSignals({ runtime, server, runningRequests, endEngines: slots.shutdown, unlock, flushLog });
  await slots.start();
  runtime.status = "ok";
  portal.start(server);
  await portal.handler.catch((error: unknown) => log.error(error, "The portal could not be started."));
  const newAdminKey = config.isNew && !environment.adminKey ? config.current.admin_key : null;
  const keySource = environment.adminKey ? "GATEWAY_ADMIN_KEY" : `\`admin_key\` in ${configFile}`;
  console.log(banner({ environment, newAdminKey, keySource }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
