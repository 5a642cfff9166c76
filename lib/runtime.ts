/**
 * The services that outlive a request, built once in `server/server.ts` and shared with Next's bundles.
 * `server.ts` and Next evaluate the same modules twice, so the registry hangs on `globalThis`: in production too,
 * or there would be two supervisors.
 */
import type { Logger } from "pino";
import type { Backups } from "./backup/types.ts";
import type { Benchmarks } from "./benchmarks/types.ts";
import type { CapabilityTests } from "./capability-tests/types.ts";
import type { ConfigStore } from "./config/types.ts";
import type { Database } from "./data/types.ts";
import type { Downloads } from "./downloads/types.ts";
import type { Environment } from "./env.ts";
import { GatewayError } from "./errors.ts";
import type { Events } from "./events/types.ts";
import type { IdempotentAnswers } from "./gateway/idempotency/answers.ts";
import type { Commitments } from "./gateway/limits/commitments.ts";
import type { RequestLimiter } from "./gateway/limits/request-limiter.ts";
import type { UnderWay } from "./gateway/under-way.ts";
import type { Hub } from "./hub/types.ts";
import type { OwnLog } from "./logs.ts";
import type { RemoteImages } from "./media/types.ts";
import type { Metrics } from "./metrics/types.ts";
import type { UploadsUnderWay } from "./models/uploads-under-way.ts";
import type { Accounts } from "./money/types.ts";
import type { AttemptLimiter } from "./signups/attempt-limiter.ts";
import type { Slots } from "./slots/types.ts";
import type { System } from "./system/types.ts";
import type { Uptime } from "./uptime/types.ts";

export interface Runtime {
  environment: Environment;
  config: ConfigStore;
  database: Database;
  accounts: Accounts;
  slots: Slots;
  limiter: RequestLimiter;
  commitments: Commitments;
  underWay: UnderWay;
  idempotentAnswers: IdempotentAnswers;
  metrics: Metrics;
  benchmarks: Benchmarks;
  capabilityTests: CapabilityTests;
  images: RemoteImages;
  system: System;
  uptime: Uptime;
  events: Events;
  signupAttempts: AttemptLimiter;
  backups: Backups;
  hub: Hub;
  downloads: Downloads;
  uploads: UploadsUnderWay;
  log: Logger;
  ownLog: OwnLog;
  /** Changed by `server.ts` alone. */
  status: "starting" | "ok" | "draining";
}

const key = Symbol.for("llm-gateway.runtime");
const registry = globalThis as typeof globalThis & { [key]?: Runtime };

/** Called once, by the entry point. */
export function provideRuntime(runtime: Runtime): void {
  registry[key] = runtime;
}

/** The services of this process, or null where no server has built them, as while Next builds its pages. */
export function currentRuntime(): Runtime | null {
  return registry[key] ?? null;
}

/**
 * The services of this process.
 * @throws GatewayError 503 where there are none yet
 */
export function runtime(): Runtime {
  const found = currentRuntime();
  if (!found) throw new GatewayError("engine_unavailable", "The gateway is starting. Try again in a moment.");
  return found;
}
