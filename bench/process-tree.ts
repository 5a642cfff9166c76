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
 * @param without part of a command line: processes that have it are left out, with all their descendants
 */
export function treeUsage(root: number, without?: string): TreeUsage {
  const usage: TreeUsage = { cpuUs: 0, rssBytes: 0, processes: 0 };
  const processes = readProcesses();
  const isWanted = (pid: number) => without === undefined || !commandLine(pid).includes(without);
  for (const pid of descendants(root, processes, isWanted)) {
    const process = processes.get(pid);
    if (!process) continue;
    usage.cpuUs += process.cpuUs;
    usage.rssBytes += process.rssBytes;
    usage.processes++;
  }
  return usage;
}

/** A process and everything below it, down to what is not wanted. */
function descendants(
  root: number,
  processes: ReadonlyMap<number, Process>,
  isWanted: (pid: number) => boolean,
): Set<number> {
  const found = new Set([root]);
  // A set yields what is added to it while it is walked.
  for (const parent of found)
    for (const [pid, process] of processes) if (process.parent === parent && isWanted(pid)) found.add(pid);
  return found;
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    const process = /^\d+$/.test(name) ? readStat(name) : null;
    if (process) processes.set(Number(name), process);
  }
  return processes;
}

/** The fields of /proc/PID/stat after the name, which may itself contain spaces: proc_pid_stat(5). */
function readStat(pid: string): Process | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    cpuUs: (field(14) + field(15)) * tickUs,
    rssBytes: field(24) * pageBytes,
  };
}

function commandLine(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ");
}

/** Null where the process has ended meanwhile. */
function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
