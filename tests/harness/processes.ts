/** What the operating system says about processes. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { processStart } from "../../lib/process-identity.mjs";

export interface ProcessFacts {
  pid: number;
  parentPid: number;
  /** The command line, blanks between its arguments. */
  command: string;
}

/** True while the process runs; one that has ended and was not yet waited for does not. */
export function isAlive(pid: number): boolean {
  if (process.platform === "linux") return processStart(pid) !== null;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Every process of this machine that can be looked at. */
export function allProcesses(): ProcessFacts[] {
  if (process.platform !== "linux") return processesByPs();
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => factsFromProc(Number(name)) ?? []);
}

export function childrenOf(pid: number): ProcessFacts[] {
  return allProcesses().filter((one) => one.parentPid === pid);
}

/**
 * Processes that have `text` in their command line or environment, as a test's own temporary folder: a gateway, its
 * reaper, and its engines wherever they hang in the process tree.
 */
export function processesNaming(text: string): ProcessFacts[] {
  return allProcesses().filter(
    ({ pid, command }) => command.includes(text) || environmentOf(pid).some((entry) => entry.includes(text)),
  );
}

/** `NAME=value` of a process as it was started; empty where that cannot be read. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

/** Bytes of memory that a process has in use. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

function factsFromProc(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may itself hold brackets and blanks.
    const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parentPid: Number(parentPid), command };
  } catch {
    return null;
  }
}

function processesByPs(): ProcessFacts[] {
  const lines = execFileSync("ps", ["-Ao", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [, pid, parentPid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parentPid: Number(parentPid), command }];
  });
}

/** Processor time that a process has used so far, in milliseconds (Linux). */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime, in ticks of 10 ms (`getconf CLK_TCK` is 100 on every Linux that Node runs on).
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
