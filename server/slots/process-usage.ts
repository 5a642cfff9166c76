/** Memory and CPU of an engine and all it started, from /proc: well under a millisecond. Null on other systems. */
import { readFile } from "node:fs/promises";

export interface Usage {
  ramBytes: number | null;
  /** Of one core, since the last look at this process: 200 means two cores busy. */
  cpuPercent: number | null;
  /** Since the processes were started. */
  cpuTimeS: number | null;
}

/** Clock ticks in a second: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const ticksPerS = 100;

export class UsageMeter {
  readonly #samples = new Map<number, { atMs: number; ticks: number }>();

  /** Looks at these processes; others are forgotten. */
  async measure(pids: readonly number[]): Promise<Map<number, Usage>> {
    for (const pid of this.#samples.keys()) if (!pids.includes(pid)) this.#samples.delete(pid);
    const usages = await Promise.all(pids.map(async (pid) => [pid, await this.#one(pid)] as const));
    return new Map(usages);
  }

  async #one(pid: number): Promise<Usage> {
    const tree = process.platform === "linux" ? await treeUsage(pid) : null;
    if (!tree) return { ramBytes: null, cpuPercent: null, cpuTimeS: null };
    const nowMs = performance.now();
    const before = this.#samples.get(pid) ?? { atMs: nowMs - tree.ageMs, ticks: 0 };
    this.#samples.set(pid, { atMs: nowMs, ticks: tree.ticks });
    const elapsedS = Math.max(0.01, (nowMs - before.atMs) / 1000);
    const cpuPercent = (100 * Math.max(0, tree.ticks - before.ticks)) / ticksPerS / elapsedS;
    return {
      ramBytes: tree.ramBytes,
      cpuPercent: Math.round(cpuPercent * 10) / 10,
      cpuTimeS: tree.ticks / ticksPerS,
    };
  }
}

/** CPU time of a process and all it started, since they were started; null where the system does not tell. */
export async function cpuTimeS(pid: number): Promise<number | null> {
  const tree = process.platform === "linux" ? await treeUsage(pid) : null;
  return tree && tree.ticks / ticksPerS;
}

interface TreeUsage {
  ramBytes: number;
  ticks: number;
  /** Since the first process was started. */
  ageMs: number;
}

async function treeUsage(pid: number): Promise<TreeUsage | null> {
  const own = await processUsage(pid).catch(() => null);
  if (!own) return null;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  for (const child of children.trim().split(" ").filter(Boolean)) {
    const usage = await treeUsage(Number(child));
    own.ramBytes += usage?.ramBytes ?? 0;
    own.ticks += usage?.ticks ?? 0;
  }
  return own;
}

async function processUsage(pid: number): Promise<TreeUsage> {
  const [stat, status, uptime] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
    readFile("/proc/uptime", "utf8"),
  ]);
  // The name in brackets may hold anything; field 3 follows it. 14 and 15 are user and system time, 22 the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks, startTicks] = [fields[11], fields[12], fields[19]].map(Number);
  const residentKb = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  const ageMs = (Number.parseFloat(uptime) - (startTicks ?? 0) / ticksPerS) * 1000;
  return { ramBytes: residentKb * 1024, ticks: (userTicks ?? 0) + (systemTicks ?? 0), ageMs };
}
