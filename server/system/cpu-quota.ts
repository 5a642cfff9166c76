/** The processor time that a container may use, by control groups of version 2 (the kernel's admin-guide/cgroup-v2). */
import { readFile } from "node:fs/promises";
import path from "node:path";

/**
 * The tightest quota of this process's group and of all above it.
 * @param root where `proc` and `sys` are
 * @returns cores' worth of time, as 1.5; null without a limit
 */
export async function cpuQuotaCores(root = "/"): Promise<number | null> {
  const membership = await readText(path.join(root, "proc/self/cgroup"));
  const group = /^0::(\/.*)$/m.exec(membership)?.[1];
  if (group === undefined) return null;
  const texts = foldersOf(group).map((folder) =>
    readText(path.join(root, "sys/fs/cgroup", folder, "cpu.max")),
  );
  const quotas = (await Promise.all(texts)).flatMap((text) => quotaOf(text) ?? []);
  return quotas.length > 0 ? Math.min(...quotas) : null;
}

/** The group's folder and those above it. */
function foldersOf(group: string): string[] {
  return group === "/" ? [group] : [group, ...foldersOf(path.posix.dirname(group))];
}

/** The quota and its period in microseconds; the quota is `max` where there is none. */
function quotaOf(text: string): number | null {
  const [quota = Number.NaN, period = Number.NaN] = text.trim().split(" ").map(Number);
  return quota > 0 && period > 0 ? quota / period : null;
}

function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
