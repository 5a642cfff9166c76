/**
 * The memory limit of a container or a service, by cgroup v2. Files:
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
import { readFile } from "node:fs/promises";
import path from "node:path";

export interface MemoryLimit {
  limitBytes: number;
  /** What is left below the limit; pages that only cache files can be given up, so they do not count as used. */
  availableBytes: number;
}

/**
 * The tightest of the limits from this process's group up to the root.
 * @param root where the file system is mounted
 * @param membership /proc/self/cgroup
 * @returns null where nothing is limited, or on cgroup v1
 */
export async function memoryLimit(
  root = "/sys/fs/cgroup",
  membership = "/proc/self/cgroup",
): Promise<MemoryLimit | null> {
  const groups = await readFile(membership, "utf8").catch(() => "");
  const own = /^0::(\/.*)$/m.exec(groups)?.[1];
  if (own === undefined) return null;
  const limits = await Promise.all(upwards(own).map((group) => limitOf(path.join(root, group))));
  return limits.reduce((tightest, limit) => {
    if (!limit || !tightest) return tightest ?? limit;
    return {
      limitBytes: Math.min(tightest.limitBytes, limit.limitBytes),
      availableBytes: Math.min(tightest.availableBytes, limit.availableBytes),
    };
  }, null);
}

/** The group and all above it. */
function upwards(group: string): string[] {
  return group === "/" ? [group] : [group, ...upwards(path.dirname(group))];
}

async function limitOf(folder: string): Promise<MemoryLimit | null> {
  const read = (name: string) => readFile(path.join(folder, name), "utf8").catch(() => "");
  const [max, current, stat] = await Promise.all(["memory.max", "memory.current", "memory.stat"].map(read));
  const limitBytes = Number.parseInt(max ?? "", 10);
  const usedBytes = Number.parseInt(current ?? "", 10);
  // "max" where there is no limit, and no file in the root of the whole system.
  if (Number.isNaN(limitBytes) || Number.isNaN(usedBytes)) return null;
  const cachedBytes = ["active_file", "inactive_file"].reduce(
    (sum, name) => sum + Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat ?? "")?.[1] ?? 0),
    0,
  );
  return { limitBytes, availableBytes: Math.max(0, limitBytes - usedBytes + cachedBytes) };
}
