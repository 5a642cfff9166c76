/**
 * A lock between processes: a file that names its owner, and that a dead owner does not keep. Plain JavaScript, because
 * `scripts/prepare.mjs` needs it before dependencies exist.
 */
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./error-code.mjs";
import { isRunning, processStart } from "./process-identity.mjs";

/**
 * @typedef {{ pid: number, start: string | null }} Identity
 * @typedef {Identity & { since: string, children: Identity[] }} Owner `since` is for people
 */

/** Creating the file and writing it are two steps: one that is still empty after this time was left by a crash. */
const unwrittenMs = 5_000;

export class Lock {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
    /** @type {Identity[]} */
    this.children = [];
    this.held = false;
  }

  /**
   * Waits until the lock is ours.
   * @param {(owner: Owner) => void} onWait called once for each owner that has to be waited for
   * @param {number} pollMs
   */
  async acquire(onWait, pollMs = 300) {
    mkdirSync(path.dirname(this.file), { recursive: true });
    let told = "";
    while (!this.#create()) {
      const owner = readOwner(this.file);
      if (owner === "gone") continue;
      if (owner !== "unwritten" && !isAlive(owner)) {
        removeStale(this.file, owner);
        continue;
      }
      if (owner !== "unwritten" && told !== `${owner.pid}`) {
        told = `${owner.pid}`;
        onWait(owner);
      }
      await sleep(pollMs);
    }
    this.held = true;
  }

  release() {
    if (this.held) rmSync(this.file, { force: true });
    this.held = false;
  }

  /**
   * Adds a process that works for the owner: while it lives the lock is kept, even when the owner was killed.
   * @param {number} pid
   */
  addChild(pid) {
    const start = processStart(pid);
    if (start === null && process.platform !== "win32") return; // It has already ended.
    this.children = [...this.children.filter(isRunning), { pid, start }];
    if (this.held) writeFileSync(this.file, this.#content());
  }

  #content() {
    /** @type {Owner} */
    const owner = {
      pid: process.pid,
      start: processStart(process.pid),
      since: new Date().toLocaleTimeString(),
      children: this.children,
    };
    return JSON.stringify(owner);
  }

  /** @returns {boolean} false when the file exists */
  #create() {
    try {
      writeFileSync(this.file, this.#content(), { flag: "wx" });
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  }
}

/**
 * Removes a dead owner's file. Of several that find it dead only the one in the guard may, and only while the file
 * still names that owner: otherwise a slow one would remove the lock that a fast one has just taken.
 * @param {string} file
 * @param {Owner} dead
 */
export function removeStale(file, dead) {
  const guard = `${file}.guard`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    if (ageMs(guard) > unwrittenMs) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (JSON.stringify(readOwner(file)) === JSON.stringify(dead)) rmSync(file, { force: true });
  } finally {
    rmdirSync(guard);
  }
}

/** @param {Owner} owner */
function isAlive(owner) {
  return isRunning(owner) || owner.children.some(isRunning);
}

/** @param {string} file */
function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/**
 * @param {string} file
 * @returns {Owner | "gone" | "unwritten"}
 */
function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "gone";
    if (!(error instanceof SyntaxError)) throw error;
    return ageMs(file) > unwrittenMs ? { pid: 0, start: "unwritten", since: "", children: [] } : "unwritten";
  }
}
