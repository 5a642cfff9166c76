/** Puts together what watches the machine and the gateway's own uptime. */
import type { Logger } from "pino";
import type { Database } from "../../lib/data/types.ts";
import type { MachineReader } from "../../lib/machine/types.ts";
import type { Metrics } from "../../lib/metrics/types.ts";
import type { Slots } from "../../lib/slots/types.ts";
import type { System } from "../../lib/system/types.ts";
import type { Uptime } from "../../lib/uptime/types.ts";
import { UptimeHistory } from "../uptime/uptime.ts";
import { UptimeRecord } from "../uptime/uptime-record.ts";
import { Sampler } from "./sampler.ts";
import { SystemReader } from "./system.ts";

export interface SystemServicesOptions {
  /** Absolute. */
  dataDir: string;
  database: Database;
  slots: Slots;
  metrics: Metrics;
  machine: MachineReader;
  log: Logger;
}

export interface SystemServices {
  system: System;
  uptime: Uptime;
  /** The gateway is up: from now on it is written down, and samples are taken. */
  start(): Promise<void>;
  /** It takes no more requests: here its uptime ends. Resolves when that is written. */
  endUptime(): Promise<void>;
  /** Resolves when the last sample is written. */
  close(): Promise<void>;
}

export function createSystemServices(options: SystemServicesOptions): SystemServices {
  const { database, slots, metrics, machine, log } = options;
  const system = new SystemReader(options);
  const record = new UptimeRecord({ database, log });
  const sampler = new Sampler({ database, slots, metrics, machine, disks: () => system.disks(), log });
  return {
    system,
    uptime: new UptimeHistory({ database, record }),
    start: async () => {
      sampler.start();
      await record.start();
    },
    endUptime: () => record.stop(),
    close: async () => {
      system.close();
      await sampler.stop();
    },
  };
}
