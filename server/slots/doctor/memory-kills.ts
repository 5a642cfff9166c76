/**
 * Whether the kernel has just ended a process for want of memory. It keeps count of these: for the machine in
 * /proc/vmstat, for a container in memory.events (cgroup 2) or memory.oom_control (cgroup 1), whose line `oom_kill` is
 * the same (https://docs.kernel.org/admin-guide/cgroup-v2.html).
 */
import { readFileSync } from "node:fs";

const counters = ["/proc/vmstat", "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/** Several engines may be ended at once, and each asks for itself. */
const atOnceMs = 2_000;

/** Counts these deaths; each is told of within a moment, so that it is not held against a later one. */
export class MemoryKills {
  #seen: readonly number[];
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param files in which a line `oom_kill` may stand */
  constructor(readonly files: readonly string[] = counters) {
    this.#seen = this.#read();
  }

  /** True where there was one since it was last asked, or within the last two seconds; null where nothing tells. */
  happened(nowMs: number): boolean | null {
    const counts = this.#read();
    if (counts.every((count) => Number.isNaN(count))) return null;
    if (counts.some((count, index) => count > (this.#seen[index] ?? 0))) this.#lastMs = nowMs;
    this.#seen = counts;
    return nowMs - this.#lastMs < atOnceMs;
  }

  #read(): number[] {
    return this.files.map((file) => {
      try {
        return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, "latin1"))?.[1]);
      } catch {
        return Number.NaN;
      }
    });
  }
}

const kills = new MemoryKills();

/** To be asked at the end of every engine. */
export function isOutOfMemoryKill(): boolean | null {
  return kills.happened(performance.now());
}
