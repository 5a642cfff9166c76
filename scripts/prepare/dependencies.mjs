/** The npm packages of package-lock.json, in `node_modules`. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { errorCode } from "../../lib/error-code.mjs";
import { npm, run } from "./command.mjs";
import { fingerprint, Stamp } from "./stamp.mjs";

/** npm's own record of what it installed; written last, so that its presence means a finished installation. */
const record = "node_modules/.package-lock.json";

/**
 * Build scripts of packages are not run: none is needed, and Prisma's would download an engine that is not used.
 * Development packages are: the build needs them, also where `NODE_ENV` says production.
 */
const options = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/**
 * @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 */

/**
 * @param {string} root
 * @returns {import("./steps.mjs").Step}
 */
export function dependenciesStep(root) {
  const stamp = new Stamp(root, "dependencies", [record]);
  const current = () => fingerprint(root, ["package-lock.json"], [process.platform, process.arch]);
  return {
    title: "Dependencies (npm ci)",
    lock: "clone",
    isNeeded() {
      const now = current();
      if (stamp.matches(now)) return false;
      if (!isInstalled(root)) return true;
      // Somebody ran npm by hand, and everything is there.
      stamp.write(now);
      return false;
    },
    async run() {
      const now = current();
      stamp.clear();
      rmSync(path.join(root, record), { force: true });
      await install(root);
      stamp.write(now);
    },
  };
}

/**
 * @param {string} root
 * @throws Error with npm's own last lines
 */
async function install(root) {
  const { command, args } = npm();
  const env = { NODE_ENV: undefined };
  try {
    await run(command, [...args, "ci", ...options], { cwd: root, env });
  } catch (error) {
    // The lock does not fit package.json, as while somebody edits both: then npm has to work it out itself.
    if (!(error instanceof Error) || !/EUSAGE|can only install packages when/.test(error.message))
      throw error;
    await run(command, [...args, "install", "--no-save", ...options], { cwd: root, env });
  }
}

/**
 * Whether npm's record holds what the lock wants for this machine.
 * @param {string} root
 */
function isInstalled(root) {
  try {
    return installedMatches(readLock(root, "package-lock.json"), readLock(root, record));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * @param {string} root
 * @param {string} file
 * @returns {Lock}
 */
function readLock(root, file) {
  return JSON.parse(readFileSync(path.join(root, file), "utf8"));
}

/**
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed npm's record
 * @param {{ platform: string, arch: string }} machine
 */
export function installedMatches(wanted, installed, machine = process) {
  return Object.entries(wanted.packages).every(([name, entry]) => {
    if (name === "") return true;
    const found = installed.packages[name];
    if (found) return found.version === entry.version;
    // Which C library a machine has is costly to ask; the builds that do not depend on it already tell the system.
    return entry.optional === true && !(runsOn(entry, machine) && entry.os && !entry.libc);
  });
}

/**
 * @param {Entry} entry
 * @param {{ platform: string, arch: string }} machine
 */
function runsOn(entry, { platform, arch }) {
  return (!entry.os || entry.os.includes(platform)) && (!entry.cpu || entry.cpu.includes(arch));
}
