import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processStart } from "../lib/process-identity.mjs";
import { lockDataFolder } from "./data-folder-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "data-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function leaveLockOf(pid: number): void {
  const owner = { pid, start: processStart(pid), since: "10:00:00", children: [] };
  writeFileSync(path.join(folder, "gateway.lock"), JSON.stringify(owner));
}

describe("lockDataFolder", () => {
  it("refuses a folder that a living process has, and names it", async () => {
    const other = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    await once(other, "spawn");
    leaveLockOf(other.pid ?? 0);
    await expect(lockDataFolder(folder)).rejects.toThrow(`PID ${other.pid}`);
    other.stdin.end();
    await once(other, "exit");
    const release = await lockDataFolder(folder);
    release();
  });

  it("gives the folder back", async () => {
    const release = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toThrow(`PID ${process.pid}`);
    release();
    (await lockDataFolder(folder))();
  });
});
