/** The services behind the admin API for its tests: real accounts, database and configuration; no engines. */
import path from "node:path";
import pino from "pino";
import { createBackups } from "../../../server/backup/file-backups.ts";
import { BenchmarkService } from "../../../server/benchmarks/service.ts";
import { CapabilityTestService } from "../../../server/capability-tests/service.ts";
import { openTestDatabase, type TestDatabase } from "../../../server/database/testing/test-database.ts";
import { DownloadManager } from "../../../server/downloads/manager.ts";
import { hubFetch } from "../../../server/hub/hub-fetch.ts";
import { ImageFetcher } from "../../../server/images/image-fetcher.ts";
import { createMachineReader } from "../../../server/machine/machine-reader.ts";
import { createSystemServices } from "../../../server/system/services.ts";
import { openConfigStore } from "../../config/store.ts";
import { readEnvironment } from "../../env.ts";
import { EventBus } from "../../events/bus.ts";
import { registerStandardTopics } from "../../events/standard-topics.ts";
import { IdempotentAnswers } from "../../gateway/idempotency/answers.ts";
import { Commitments } from "../../gateway/limits/commitments.ts";
import { RequestLimiter } from "../../gateway/limits/request-limiter.ts";
import { UnderWay } from "../../gateway/under-way.ts";
import { createHub } from "../../hub/hub.ts";
import { createMetrics } from "../../metrics/registry.ts";
import { UploadsUnderWay } from "../../models/uploads-under-way.ts";
import { createAccounts } from "../../money/accounts.ts";
import type { Actor } from "../../money/types.ts";
import { provideRuntime, type Runtime } from "../../runtime.ts";
import { AttemptLimiter } from "../../signups/attempt-limiter.ts";
import { FakeSlots } from "./fake-slots.ts";

export const adminKey = `sk-admin-${"0".repeat(40)}`;
const nobody: Actor = { userId: null, keyId: null, requestId: "req_setup" };

export interface AdminServices extends Omit<Runtime, "slots"> {
  slots: FakeSlots;
  configFile: string;
  /** Rows of the database, as an operator's tool would see them. */
  inspect: TestDatabase["inspect"];
  /** Lines of the log, as JSON. */
  logLines: string[];
  /** A user of its own; returns its id and key. */
  createUser(email: string): Promise<{ id: number; apiKey: string }>;
  close(): Promise<void>;
}

/** Provides the runtime for this process. */
export async function openServices(): Promise<AdminServices> {
  const { database, dataDir, inspect, remove } = await openTestDatabase();
  const environment = readEnvironment({
    NODE_ENV: "test",
    GATEWAY_DATA_DIR: dataDir,
    GATEWAY_STARTER: "off",
  });
  const logLines: string[] = [];
  const log = pino({}, { write: (line: string) => logLines.push(line) });
  const configFile = path.join(dataDir, "config.json");
  const config = await openConfigStore({ file: configFile, environment, log });
  const accounts = await createAccounts({ database });
  await accounts.ensureAdmin(adminKey);
  const slots = new FakeSlots(config.slotPorts);
  const limiter = new RequestLimiter();
  const commitments = new Commitments();
  const metrics = createMetrics({ slots, accounts });
  const machine = createMachineReader();
  const { system, uptime } = createSystemServices({ dataDir, database, slots, metrics, machine, log });
  const events = new EventBus(log);

  const benchmarks = new BenchmarkService({ slots, database, config, log });
  const hub = createHub({ config, fetch: hubFetch(), sizeFit: async () => null });
  const modelsDir = path.join(dataDir, "models");
  const uploads = new UploadsUnderWay();
  const downloads = new DownloadManager({ modelsDir, database, config, hub, uploads, log });
  await downloads.start();
  const ports = config.slotPorts;
  const ownLog = {
    write: () => undefined,
    last: (count: number) => logLines.slice(-count),
    follow: () => () => undefined,
  };
  registerStandardTopics(events, { slots, ports, accounts, system, downloads, benchmarks, ownLog });
  const services = {
    environment,
    config,
    database,
    accounts,
    slots,
    limiter,
    commitments,
    underWay: new UnderWay(),
    idempotentAnswers: new IdempotentAnswers(database),
    metrics,
    benchmarks,
    capabilityTests: new CapabilityTestService({ slots, database, config, benchmarks, log }),
    images: new ImageFetcher(),
    system,
    uptime,
    events,
    signupAttempts: new AttemptLimiter(),
    backups: createBackups({ database, dataDir }),
    hub,
    downloads,
    uploads,
    log,
    ownLog,
    status: "ok" as const,
  };
  provideRuntime(services);
  return {
    ...services,
    configFile,
    inspect,
    logLines,
    async createUser(email) {
      const { account, apiKey } = await accounts.createUser({ email, tier: "payg" }, nobody, "test");
      return { id: account.id, apiKey };
    },
    async close() {
      await downloads.close();
      config.close();
      await remove();
    },
  };
}
