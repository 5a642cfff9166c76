/** What the machine has and what the gateway takes of it. `server/system` reads it. */
import type { Machine } from "../machine/types.ts";
import type { SlotSnapshot } from "../slots/types.ts";

export interface CpuFigures {
  /** Share of the time that each core was busy, 0 to 100. */
  percentPerCore: number[];
  totalPercent: number;
  model: string | null;
  /** Means of 1, 5 and 15 minutes; null on Windows, which has none. */
  load: [number, number, number] | null;
  /** Cores' worth of time that a container may use; null without a limit. */
  quotaCores: number | null;
}

export interface DiskFigures {
  /** What lies there; a models folder on a disk of its own is told apart. */
  holds: "data" | "models";
  path: string;
  totalBytes: number;
  freeBytes: number;
}

/** Null where the machine does not tell. */
export interface SensorFigures {
  cpuCelsius: number | null;
  /** Since the look before; null at the first one. */
  cpuWatts: number | null;
}

/** The gateway's own process, without engines. */
export interface ProcessFigures {
  ramBytes: number;
  heapBytes: number;
  /** Of one core, since the look before. */
  cpuPercent: number;
  /** How late the main thread was since the look before; null at the first one. */
  lagP99Ms: number | null;
  lagMaxMs: number | null;
  uptimeS: number;
  version: string;
}

export interface SystemWarning {
  code: "disk_low";
  message: string;
}

/** Everything at one moment. */
export interface SystemFigures {
  cpu: CpuFigures;
  /** Memory and GPUs; a container's limit counts as all there is. */
  machine: Machine;
  /** The disk of the data folder first. */
  disks: readonly DiskFigures[];
  sensors: SensorFigures;
  process: ProcessFigures;
  slots: readonly SlotSnapshot[];
  warnings: readonly SystemWarning[];
}

/** The system as handlers, jobs and downloads use it. */
export interface System {
  figures(): Promise<SystemFigures>;
  /** True while less than a gigabyte is free for data or models: no download should start. Looks now. */
  isDiskLow(): Promise<boolean>;
}
