/**
 * Tells a process from a later one with the same number. Plain JavaScript, because `scripts/prepare.mjs` needs it before
 * dependencies exist.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When a process started, in a form that is only good for comparing: on Linux clock ticks since boot
 * (`/proc/PID/stat`, field 22), elsewhere what `ps` prints.
 * @param {number} pid
 * @returns {string | null} null where it has ended or cannot be known
 */
export function processStart(pid) {
  try {
    if (process.platform === "win32") return null;
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets, which may itself hold brackets and blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/**
 * Whether the process with this number still is the one that started then.
 * @param {{ pid: number, start: string | null }} identity
 */
export function isRunning({ pid, start }) {
  if (start !== null) return processStart(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
