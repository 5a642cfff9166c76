/** The machine's memory: from /proc on Linux, vm_stat on macOS, else what Node knows. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import os from "node:os";
import { promisify } from "node:util";
import type { Machine } from "../../lib/machine/types.ts";
import { memoryLimit } from "./cgroup.ts";

const run = promisify(execFile);
const vmStatMs = 2_000;

export type Memory = Pick<Machine, "totalBytes" | "availableBytes">;

/** What this process may use, a container's limit included. */
export async function readMemory(): Promise<Memory> {
  const whole = { totalBytes: os.totalmem(), availableBytes: await availableBytes() };
  const limit = process.platform === "linux" ? await memoryLimit() : null;
  if (!limit) return whole;
  return {
    totalBytes: Math.min(whole.totalBytes, limit.limitBytes),
    availableBytes: Math.min(whole.availableBytes, limit.availableBytes),
  };
}

async function availableBytes(): Promise<number> {
  const read = {
    linux: async () => availableInMeminfo(await readFile("/proc/meminfo", "utf8")),
    darwin: async () => availableInVmStat((await run("vm_stat", [], { timeout: vmStatMs })).stdout),
  }[process.platform as string];
  const found = await read?.().catch(() => null);
  return found ?? os.freemem();
}

/** @param text /proc/meminfo, in kB; null where a kernel before 3.14 names no such line */
export function availableInMeminfo(text: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** @param text output of macOS's `vm_stat`: pages, and the size of one */
export function availableInVmStat(text: string): number | null {
  const pageBytes = /page size of (\d+) bytes/.exec(text)?.[1];
  if (pageBytes === undefined) return null;
  // Inactive and speculative pages hold what was read ahead or not used for long: they are given up first.
  const pages = ["free", "inactive", "speculative", "purgeable"].map((kind) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.$`, "m").exec(text)?.[1] ?? 0),
  );
  return pages.reduce((sum, count) => sum + count, 0) * Number(pageBytes);
}
