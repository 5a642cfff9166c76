/** Takes a sample of the system every minute, for charts. */
import type { Logger } from "pino";
import { bytesPerGigabyte, bytesPerMegabyte } from "../../lib/bytes.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { spanMs } from "../../lib/data/system-samples.ts";
import type { Database } from "../../lib/data/types.ts";
import type { Gpu, MachineReader } from "../../lib/machine/types.ts";
import type { Metrics, RequestTotals } from "../../lib/metrics/types.ts";
import type { SlotSnapshot, Slots } from "../../lib/slots/types.ts";
import type { SystemSample } from "../../lib/system/schemas.ts";
import type { DiskFigures } from "../../lib/system/types.ts";
import { CpuMeter } from "./cpu.ts";
import { flat, Looks, requestsBetween } from "./window.ts";

export interface SamplerOptions {
  database: Pick<Database, "systemSamples">;
  slots: Pick<Slots, "snapshot" | "queue" | "readyCount">;
  metrics: Pick<Metrics, "totals">;
  machine: MachineReader;
  disks: () => Promise<readonly DiskFigures[]>;
  log: Pick<Logger, "error" | "info">;
  clock?: Clock;
}

/** A queue comes and goes within seconds, and looking at it costs next to nothing. */
const lookEveryMs = 5_000;

/** The time since the sample before. */
interface Window {
  wallMs: number;
  monotonicMs: number;
  totals: RequestTotals;
  queue: Looks;
  ready: Looks;
}

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #clock: Clock;
  readonly #cpu = new CpuMeter();
  #slotCpuS = new Map<number, number>();
  #window: Window | null = null;
  #isBusy = false;
  #isFailing = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    const look = () => void this.look();
    look();
    this.#timer = setInterval(look, lookEveryMs).unref();
  }

  /** Resolves when what was gathered since the last sample is written. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    if (!this.#isBusy && this.#window) await this.#finish(this.#window);
  }

  /** Looks at what changes quickly; in another minute than the look before it takes a sample first. Never fails. */
  async look(): Promise<void> {
    if (this.#isBusy) return; // A GPU's tool may take its time.
    this.#isBusy = true;
    try {
      await this.#look();
    } catch (error) {
      this.#options.log.error(error, "The system could not be looked at.");
    } finally {
      this.#isBusy = false;
    }
  }

  async #look(): Promise<void> {
    const before = this.#window;
    // The clock may have been set meanwhile, forwards or backwards: that ends a minute, too.
    const isOver = before && minuteOf(before.wallMs) !== minuteOf(this.#clock.wallMs());
    if (!before) await this.#cpu.look().catch(() => null);
    if (isOver) await this.#finish(before);
    const window = !before || isOver ? this.#begin() : before;
    const { slots } = this.#options;
    window.queue.add(slots.queue().lines.reduce((sum, { waiting }) => sum + waiting.length, 0));
    window.ready.add(slots.readyCount());
    this.#window = window;
  }

  #begin(): Window {
    return {
      wallMs: this.#clock.wallMs(),
      monotonicMs: this.#clock.monotonicMs(),
      totals: this.#options.metrics.totals(),
      queue: new Looks(),
      ready: new Looks(),
    };
  }

  async #finish(window: Window): Promise<void> {
    const { database, log } = this.#options;
    try {
      await database.systemSamples.record(window.wallMs, await this.#sampleOf(window));
      if (this.#isFailing) log.info("Samples of the system are written again.");
      this.#isFailing = false;
    } catch (error) {
      // As while the disk is full: the charts have a gap then, and one line is enough.
      if (!this.#isFailing) log.error(error, "A sample of the system could not be written.");
      this.#isFailing = true;
    }
  }

  async #sampleOf(window: Window): Promise<SystemSample> {
    const { slots, metrics, machine, disks } = this.#options;
    const seconds = (this.#clock.monotonicMs() - window.monotonicMs) / 1000;
    const [cpu, { totalBytes, availableBytes, gpus }, [disk], snapshots] = await Promise.all([
      this.#cpu.look(),
      machine.read(),
      disks(),
      slots.snapshot(),
    ]);
    return {
      seconds,
      cpu_percent: flat(cpu?.totalPercent ?? 0),
      memory_used_gb: flat((totalBytes - availableBytes) / bytesPerGigabyte),
      disk_used_gb: disk ? flat((disk.totalBytes - disk.freeBytes) / bytesPerGigabyte) : null,
      gateway_ram_mb: flat(process.memoryUsage.rss() / bytesPerMegabyte),
      slots: this.#slotParts(snapshots, seconds),
      gpus: gpus.map((gpu) => gpuPart(gpu, seconds)),
      ready_models: window.ready.span(),
      queue_length: window.queue.span(),
      ...requestsBetween(window.totals, metrics.totals(), seconds),
    };
  }

  /** From the time that each engine's processes have used in all: others may look at them in between. */
  #slotParts(snapshots: readonly SlotSnapshot[], seconds: number): SystemSample["slots"] {
    const before = this.#slotCpuS;
    this.#slotCpuS = new Map(snapshots.flatMap(({ pid, cpuTimeS }) => (pid ? [[pid, cpuTimeS ?? 0]] : [])));
    return snapshots
      .filter(({ status }) => status !== "empty")
      .map(({ port, modelName, pid, ramBytes, cpuTimeS }) => {
        const usedS = cpuTimeS === null ? null : Math.max(0, cpuTimeS - (before.get(pid ?? 0) ?? 0));
        return {
          port,
          model: modelName,
          seconds,
          ram_mb: ramBytes === null ? null : flat(ramBytes / bytesPerMegabyte),
          cpu_percent: usedS === null || seconds <= 0 ? null : flat((100 * usedS) / seconds),
        };
      });
  }
}

function gpuPart({ vendor, index, totalBytes, freeBytes, busyPercent }: Gpu, seconds: number) {
  const used_gb = flat((totalBytes - freeBytes) / bytesPerGigabyte);
  return { vendor, index, seconds, used_gb, busy_percent: busyPercent === null ? null : flat(busyPercent) };
}

function minuteOf(wallMs: number): number {
  return Math.floor(wallMs / spanMs.minute);
}
