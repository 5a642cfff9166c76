/** How many cores the machine really has: two threads on one core do not calculate faster. */
import { readFile } from "node:fs/promises";
import os from "node:os";

let counted: Promise<number> | null = null;

/** Cores that this process may use, without hyper-threads where the system tells them apart. */
export function physicalCores(): Promise<number> {
  counted ??= count();
  return counted;
}

async function count(): Promise<number> {
  const usable = os.availableParallelism();
  if (process.platform !== "linux") return usable;
  const info = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  return Math.min(usable, coresIn(info) || usable);
}

/** Distinct pairs of socket and core in /proc/cpuinfo; 0 where it names none, as on ARM. */
export function coresIn(cpuinfo: string): number {
  const cores = new Set<string>();
  for (const processor of cpuinfo.split("\n\n")) {
    const socket = /^physical id\s*: (\d+)$/m.exec(processor)?.[1];
    const core = /^core id\s*: (\d+)$/m.exec(processor)?.[1];
    if (socket !== undefined && core !== undefined) cores.add(`${socket}.${core}`);
  }
  return cores.size;
}
