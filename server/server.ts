/** The entry point: builds every service once, listens, and shuts down in order. */
import path from "node:path";
import { openConfigStore } from "../lib/config/store.ts";
import { msPerDay } from "../lib/data/daily-usage.ts";
import { readEnvironment } from "../lib/env.ts";
import { EventBus } from "../lib/events/bus.ts";
import { registerStandardTopics } from "../lib/events/standard-topics.ts";
import { IdempotentAnswers } from "../lib/gateway/idempotency/answers.ts";
import { Commitments } from "../lib/gateway/limits/commitments.ts";
import { monthStartMs } from "../lib/gateway/limits/monthly-use.ts";
import { RequestLimiter } from "../lib/gateway/limits/request-limiter.ts";
import { UnderWay } from "../lib/gateway/under-way.ts";
import { createHub } from "../lib/hub/hub.ts";
import { createMetrics } from "../lib/metrics/registry.ts";
import { createAccounts } from "../lib/money/accounts.ts";
import { provideRuntime, type Runtime } from "../lib/runtime.ts";
import { AttemptLimiter } from "../lib/signups/attempt-limiter.ts";
import { createBackups } from "./backup/file-backups.ts";
import { undoSwap } from "./backup/swap.ts";
import { banner } from "./banner.ts";
import { BenchmarkService } from "./benchmarks/service.ts";
import { CapabilityTestService } from "./capability-tests/service.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { openDatabase } from "./database/client.ts";
import { DownloadManager } from "./downloads/manager.ts";
import { listen } from "./http/listen.ts";
import { createPortal } from "./http/portal.ts";
import { createHttpServer } from "./http/server.ts";
import { hubFetch } from "./hub/hub-fetch.ts";
import { ImageFetcher } from "./images/image-fetcher.ts";
import { settleInterrupted } from "./interrupted-requests.ts";
import { startPruning } from "./jobs/prune.ts";
import { openLog } from "./log.ts";
import { createMachineReader } from "./machine/machine-reader.ts";
import { shutDownOnSignals } from "./shutdown.ts";
import { createSlots } from "./slots/supervisor.ts";
import { createSystemServices } from "./system/services.ts";

const limitWindowMs = 60_000;

async function main(): Promise<void> {
  const development = process.argv.includes("--dev");
  const environment = readEnvironment(process.env);
  const { log, flush: flushLog, last: lastLogLines, keepIn } = openLog();
  const portal = createPortal(environment, development);
  const { server, runningRequests, closeSockets } = createHttpServer({
    lane: !development,
    next: portal.handler,
    nextUpgrade: development ? portal.upgrade : undefined,
  });
  await listen(server, environment);

  const unlock = await lockDataFolder(environment.dataDir);
  if (await undoSwap(environment.dataDir)) log.warn("A restore that was interrupted was undone.");
  keepIn(path.join(environment.dataDir, "logs", "gateway.log"));
  const configFile = path.join(environment.dataDir, "config.json");
  const config = await openConfigStore({ file: configFile, environment, log });
  log.level = config.current.log_level;
  config.onChange((next) => {
    log.level = next.log_level;
  });
  const database = await openDatabase({ dataDir: environment.dataDir, log });
  await settleInterrupted(database, environment.dataDir, log);
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
  const machine = createMachineReader();
  const { dataDir } = environment;
  const watching = createSystemServices({ dataDir, database, slots, metrics, machine, log });
  const events = new EventBus(log);
  registerStandardTopics(events, { slots, accounts, system: watching.system });
  const startedMs = Date.now();
  const minute = await database.usage.startedSince(startedMs - limitWindowMs);
  limiter.restore(minute);
  const month = await database.dailyUsage.byKeySince(monthStartMs(startedMs) / msPerDay);
  commitments.restore({ minute, month });
  const underWay = new UnderWay();
  underWay.start(accounts);
  const benchmarks = new BenchmarkService({ slots, database, config, log });
  const capabilityTests = new CapabilityTestService({ slots, database, config, benchmarks, log });
  startPruning({ database, config, log });
  const hub = createHub({ config, fetch: hubFetch(), sizeFit: async () => null });
  const modelsDir = path.join(environment.dataDir, "models");
  const downloads = new DownloadManager({ modelsDir, database, config, hub, log });
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
    benchmarks,
    capabilityTests,
    images: new ImageFetcher(),
    system: watching.system,
    uptime: watching.uptime,
    events,
    signupAttempts: new AttemptLimiter(),
    backups: createBackups({ database, dataDir: environment.dataDir }),
    hub,
    downloads,
    log,
    lastLogLines,
    status: "starting",
  };
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
