/** Reads everything about the machine: what `GET /admin/api/system` shows. */
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { MachineReader } from "../../lib/machine/types.ts";
import type { Slots } from "../../lib/slots/types.ts";
import type { CpuFigures, DiskFigures, System, SystemFigures } from "../../lib/system/types.ts";
import { CpuMeter } from "./cpu.ts";
import { cpuQuotaCores } from "./cpu-quota.ts";
import { Disks } from "./disk.ts";
import { DiskWatch } from "./disk-watch.ts";
import { OwnProcess } from "./own-process.ts";
import { Sensors } from "./sensors.ts";

export interface SystemOptions {
  /** Absolute. */
  dataDir: string;
  slots: Pick<Slots, "snapshot">;
  machine: MachineReader;
  log: Pick<Logger, "warn" | "info">;
  /** Where `proc` and `sys` are. */
  root?: string;
}

/** A look that is older says nothing of now: then the processor is watched for a moment. */
const longestSpanMs = 15_000;
const momentMs = 200;

export class SystemReader implements System {
  readonly #options: SystemOptions;
  readonly #root: string;
  readonly #cpu: CpuMeter;
  readonly #disks: Disks;
  readonly #diskWatch: DiskWatch;
  readonly #sensors: Sensors;
  readonly #process = new OwnProcess();
  readonly #cpuModel = os.cpus()[0]?.model ?? null;
  #reading: Promise<SystemFigures> | null = null;

  constructor(options: SystemOptions) {
    this.#options = options;
    this.#root = options.root ?? "/";
    this.#cpu = new CpuMeter(this.#root);
    this.#disks = new Disks(options.dataDir);
    this.#diskWatch = new DiskWatch(options.log);
    this.#sensors = new Sensors(this.#root);
  }

  /** Who asks at the same moment gets the same. */
  figures(): Promise<SystemFigures> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async isDiskLow(): Promise<boolean> {
    await this.disks();
    return this.#diskWatch.isLow;
  }

  /** Reads the disks, and says in the log when one has become low or has room again. */
  async disks(): Promise<readonly DiskFigures[]> {
    const disks = await this.#disks.figures();
    this.#diskWatch.judge(disks);
    return disks;
  }

  close(): void {
    this.#process.close();
  }

  async #read(): Promise<SystemFigures> {
    const { machine, slots } = this.#options;
    const [cpu, found, disks, sensors, snapshots] = await Promise.all([
      this.#readCpu(),
      machine.read(),
      this.#disks.figures(),
      this.#sensors.figures(),
      slots.snapshot(),
    ]);
    const warnings = this.#diskWatch.judge(disks);
    return {
      cpu,
      machine: found,
      disks,
      sensors,
      process: this.#process.figures(),
      slots: snapshots,
      warnings,
    };
  }

  async #readCpu(): Promise<CpuFigures> {
    const isStale = this.#cpu.sinceLookMs() > longestSpanMs;
    let use = await this.#cpu.look();
    if (isStale || !use) {
      await sleep(momentMs);
      use = await this.#cpu.look();
    }
    return {
      ...(use ?? { percentPerCore: [], totalPercent: 0 }),
      model: this.#cpuModel,
      load: process.platform === "win32" ? null : (os.loadavg() as [number, number, number]),
      quotaCores: await cpuQuotaCores(this.#root),
    };
  }
}
