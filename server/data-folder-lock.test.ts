import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { lockDataFolder, lockFileName } from "./data-folder-lock.ts";
import { type Child, startChildProgram } from "./database/testing/child.ts";
import { canMount, testInNamespace } from "./database/testing/mounting.ts";
import { mountSmallDisk } from "./database/testing/small-disk.ts";

const holder = path.join(import.meta.dirname, "testing", "hold-data-folder.ts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "data-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function said(child: Child, words: string): Promise<void> {
  for await (const line of child.lines) if (line === words) return;
  throw new Error(`The child ended without saying ${words}.`);
}

describe("lockDataFolder", () => {
  it("refuses a folder that another process has, and says who; killed, that one has it no more", async () => {
    const startedAt = new Date().toISOString();
    const other = startChildProgram(holder, folder);
    onTestFinished(() => void other.process.kill("SIGKILL"));
    await said(other, "held");
    const words = `in use by LLM Gateway, PID ${other.process.pid} on ${os.hostname()}, since `;
    expect(() => lockDataFolder(folder)).toThrow(words);
    const { since } = JSON.parse(readFileSync(path.join(folder, "gateway.lock"), "utf8"));
    expect(since > startedAt && since <= new Date().toISOString()).toBe(true);

    rmSync(path.join(folder, "gateway.lock"));
    expect(() => lockDataFolder(folder)).toThrow(/a process that left no name.*NFS/);

    other.process.kill("SIGKILL");
    await other.ended;
    lockDataFolder(folder)();
  });

  it("does not take a later process with the same number for the owner", () => {
    const owner = { pid: process.pid, host: os.hostname(), since: new Date().toISOString() };
    writeFileSync(path.join(folder, "gateway.lock"), JSON.stringify(owner));
    lockDataFolder(folder)();
  });

  it("keeps a second one of the same process away, and gives the folder back without a trace but its file", () => {
    const inside = path.join(folder, "made", "when absent");
    const release = lockDataFolder(inside);
    expect(() => lockDataFolder(inside)).toThrow(`PID ${process.pid}`);
    // That refusal has not ended the lock: another process finds it, too.
    expect(heldElsewhere(inside)).toBe(true);
    release();
    expect(heldElsewhere(inside)).toBe(false);
    expect(readdirSync(inside)).toEqual([lockFileName]);
    lockDataFolder(inside)();
  });

  const unshare = [
    "--pid",
    "--fork",
    "--kill-child",
    ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
  ];
  const hasNamespaces = spawnSync("unshare", [...unshare, "true"]).status === 0;

  it.runIf(hasNamespaces)("holds where the owner's number means another process or none", async () => {
    const program = ["--import", "tsx", holder, folder];
    const container = spawn("unshare", [...unshare, process.execPath, ...program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void container.kill("SIGKILL"));
    await once(container.stdout, "data");
    expect(() => lockDataFolder(folder)).toThrow("LLM Gateway, PID 1 on ");
    container.kill("SIGKILL");
    await once(container, "exit");
  });

  it("says what keeps it from locking", () => {
    writeFileSync(path.join(folder, lockFileName), "this is no database of SQLite".repeat(10));
    expect(() => lockDataFolder(folder)).toThrow(/cannot be locked by gateway\.lock\.db.*not a database/);
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    expect(() => lockDataFolder(file)).toThrow(`The data folder ${file} cannot be written: EEXIST`);
  });

  testInNamespace(import.meta.filename);

  it.runIf(canMount)("refuses what it cannot write: SQLite would open that to read, and lock nothing", () => {
    const disk = mountSmallDisk();
    const file = path.join(disk.folder, lockFileName);
    const mount = (...options: string[]) => execFileSync("mount", options);
    try {
      lockDataFolder(disk.folder)();
      mount("--bind", file, file);
      mount("-o", "remount,ro,bind", file);
      const words = `The data folder ${disk.folder} cannot be written: EROFS`;
      expect(() => lockDataFolder(disk.folder), "the file").toThrow(words);
      execFileSync("umount", [file]);
      mount("-o", "remount,ro", disk.folder);
      expect(() => lockDataFolder(disk.folder), "the disk").toThrow(words);
    } finally {
      disk.remove();
    }
  });
});

/** Whether a process that is not this one finds the folder taken. Without our code, so that it is quick. */
function heldElsewhere(dataDir: string): boolean {
  const program = `
    const database = new (require("libsql"))(${JSON.stringify(path.join(dataDir, lockFileName))});
    try { database.exec("BEGIN IMMEDIATE"); } catch (error) { process.exitCode = error.code === "SQLITE_BUSY" ? 3 : 4; }
    database.close();`;
  const { status } = spawnSync(process.execPath, ["-e", program], { cwd: import.meta.dirname });
  expect([0, 3]).toContain(status);
  return status === 3;
}
