/** CPU time and memory of a process and all its descendants, from Linux' /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** `sysconf(_SC_CLK_TCK)` is 100 on every Linux that Node runs on. */
const tickUs = 10_000;
const pageBytes = 4096;

export interface TreeUsage {
  /** User and system time of the processes that are alive. */
  cpuUs: number;
  /** Resident memory; pages that two processes share count twice. */
  rssBytes: number;
  processes: number;
}

interface Process {
  parent: number;
  cpuUs: number;
  rssBytes: number;
}

/**
 * What a process tree has used.
 * @param without processes that are left out, with all their descendants
 */
export function treeUsage(root: number, without: readonly number[] = []): TreeUsage {
  const processes = readProcesses();
  const usage: TreeUsage = { cpuUs: 0, rssBytes: 0, processes: 0 };
  for (const pid of descendants(root, processes, new Set(without))) {
    const process = processes.get(pid);
    if (!process) continue;
    usage.cpuUs += process.cpuUs;
    usage.rssBytes += process.rssBytes;
    usage.processes++;
  }
  return usage;
}

/** A process and everything below it, except what is left out. */
export function descendants(
  root: number,
  processes: ReadonlyMap<number, { parent: number }>,
  without: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>(without.has(root) ? [] : [root]);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [pid, { parent }] of processes) if (found.has(parent) && !without.has(pid)) found.add(pid);
  }
  return found;
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const process = readStat(name);
    if (process) processes.set(Number(name), process);
  }
  return processes;
}

/** The fields of /proc/PID/stat after the name, which may itself contain spaces: proc_pid_stat(5). */
function readStat(pid: string): Process | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null; // It has ended meanwhile.
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    cpuUs: (field(14) + field(15)) * tickUs,
    rssBytes: field(24) * pageBytes,
  };
}
