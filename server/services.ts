/** Every long-lived service, built once and in an order in which each finds what it needs. */
import path from "node:path";
import { msPerDay } from "../lib/data/daily-usage.ts";
import { EventBus } from "../lib/events/bus.ts";
import { registerStandardTopics } from "../lib/events/standard-topics.ts";
import { IdempotentAnswers } from "../lib/gateway/idempotency/answers.ts";
import { Commitments } from "../lib/gateway/limits/commitments.ts";
import { monthStartMs } from "../lib/gateway/limits/monthly-use.ts";
import { RequestLimiter } from "../lib/gateway/limits/request-limiter.ts";
import { UnderWay } from "../lib/gateway/under-way.ts";
import { createHub } from "../lib/hub/hub.ts";
import { createMetrics } from "../lib/metrics/registry.ts";
import { UploadsUnderWay } from "../lib/models/uploads-under-way.ts";
import type { Runtime } from "../lib/runtime.ts";
import { AttemptLimiter } from "../lib/signups/attempt-limiter.ts";
import { createBackups } from "./backup/file-backups.ts";
import { BenchmarkService } from "./benchmarks/service.ts";
import { CapabilityTestService } from "./capability-tests/service.ts";
import { DownloadManager } from "./downloads/manager.ts";
import { hubFetch } from "./hub/hub-fetch.ts";
import { ImageFetcher } from "./images/image-fetcher.ts";
import { createMachineReader } from "./machine/machine-reader.ts";
import { createSlots, type Supervisor } from "./slots/supervisor.ts";
import { createSystemServices, type SystemServices } from "./system/services.ts";

/** What is opened before: by then the data folder is this process's own. */
type Opened = Pick<Runtime, "environment" | "config" | "database" | "accounts" | "log" | "ownLog">;

export interface Services {
  runtime: Runtime;
  slots: Supervisor;
  downloads: DownloadManager;
  capabilityTests: CapabilityTestService;
  /** What watches the machine and the uptime. */
  watching: SystemServices;
}

const limitWindowMs = 60_000;

/** Builds them all; nothing runs yet. */
export async function createServices(opened: Opened): Promise<Services> {
  const { environment, config, database, accounts, log, ownLog } = opened;
  const { dataDir } = environment;
  const machine = createMachineReader();
  const slots = createSlots({ config, environment, log, database, machine });
  const metrics = createMetrics({ slots, accounts });
  const watching = createSystemServices({ dataDir, database, slots, metrics, machine, log });
  const benchmarks = new BenchmarkService({ slots, database, config, log });
  const capabilityTests = new CapabilityTestService({ slots, database, config, benchmarks, log });
  const hub = createHub({ config, fetch: hubFetch(), sizeFit: slots.sizeFit });
  const modelsDir = path.join(dataDir, "models");
  const uploads = new UploadsUnderWay();
  const downloads = new DownloadManager({ modelsDir, database, config, hub, uploads, log });
  const events = new EventBus(log);
  const { system, uptime } = watching;
  const ports = config.slotPorts;
  registerStandardTopics(events, { slots, ports, accounts, system, downloads, benchmarks, ownLog });
  const runtime: Runtime = {
    ...opened,
    slots,
    ...(await restoredLimits(opened)),
    underWay: new UnderWay(),
    idempotentAnswers: new IdempotentAnswers(database),
    metrics,
    images: new ImageFetcher(),
    benchmarks,
    capabilityTests,
    hub,
    downloads,
    uploads,
    system,
    uptime,
    events,
    signupAttempts: new AttemptLimiter(),
    backups: createBackups({ database, dataDir }),
    status: "starting",
  };
  return { runtime, slots, downloads, capabilityTests, watching };
}

/** What users and keys have used of their minute and their month already. */
async function restoredLimits({ database }: Opened): Promise<Pick<Runtime, "limiter" | "commitments">> {
  const limiter = new RequestLimiter();
  const commitments = new Commitments();
  const nowMs = Date.now();
  const minute = await database.usage.startedSince(nowMs - limitWindowMs);
  const month = await database.dailyUsage.byKeySince(monthStartMs(nowMs) / msPerDay);
  limiter.restore(minute);
  commitments.restore({ minute, month });
  return { limiter, commitments };
}
