import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isRunning, processStart } from "./process-identity.mjs";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that runs until the test is over. */
async function start(program = process.execPath, args = ["-e", "setInterval(() => {}, 1000)"], user = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], ...user });
  children.push(child);
  await once(child, "spawn");
  return { child, pid: child.pid ?? 0 };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** On Windows start times are not known. */
const knowsStarts = process.platform !== "win32";

describe.runIf(knowsStarts)("processStart", () => {
  it("stays the same for as long as a process runs", async () => {
    const { pid } = await start();
    const before = processStart(pid);
    expect(before).toMatch(/\d/);
    await start(); // Something that takes time, and a clock tick's worth of it.
    expect(processStart(pid)).toBe(before);
  });

  it("is null for a process that has ended", async () => {
    const { child, pid } = await start();
    await end(child);
    expect(processStart(pid)).toBe(null);
  });

  it.each([0, -1, 2 ** 30])("is null for %i, which is no process", (pid) => {
    expect(processStart(pid)).toBe(null);
  });
});

describe.runIf(process.platform === "linux")("processStart on Linux", () => {
  it("is not that of a process that started at another time", async () => {
    const { pid } = await start();
    expect(processStart(pid)).not.toBe(processStart(process.pid));
  });

  it("is null for a process that has ended and is not waited for", async () => {
    // The shell's child ends while what the shell has become knows nothing of it.
    const { child } = await start("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"]);
    const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
    const pid = Number(line);
    await expect.poll(() => processStart(pid), { timeout: 10_000 }).toBe(null);
    expect(() => process.kill(pid, 0)).not.toThrow(); // The number is still taken.
  });

  it("is not led astray by brackets and blanks in a process's name", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "process-identity-"));
    const program = path.join(folder, "a) S 1 (b c");
    copyFileSync("/bin/sleep", program);
    try {
      const { pid } = await start(program, ["60"]);
      const { pid: other } = await start("/bin/sleep", ["60"]);
      // Both started within the same second, of 100 ticks.
      expect(Math.abs(Number(processStart(pid)) - Number(processStart(other)))).toBeLessThan(100);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("isRunning", () => {
  it("is true for a process that was noted as it is", async () => {
    const { pid } = await start();
    expect(isRunning({ pid, start: processStart(pid) })).toBe(true);
  });

  it("is false for one that has ended", async () => {
    const { child, pid } = await start();
    const identity = { pid, start: processStart(pid) };
    await end(child);
    expect(isRunning(identity)).toBe(false);
  });

  it("is false for a later process with the same number", async () => {
    const { pid } = await start();
    // As if the noted one had ended and its number gone to this one.
    expect(isRunning({ pid, start: "1" })).toBe(false);
  });

  it("goes by the number alone where the start is not known", async () => {
    const { child, pid } = await start();
    expect(isRunning({ pid, start: null })).toBe(true);
    await end(child);
    expect(isRunning({ pid, start: null })).toBe(false);
  });

  it.runIf(knowsStarts)("counts another user's process, which may not be signalled", async () => {
    const isRoot = process.getuid?.() === 0;
    // Root is somebody else for a moment.
    const pid = isRoot ? (await start("sleep", ["60"], { uid: 65_533 })).pid : 1;
    if (isRoot) process.seteuid?.(65_532);
    try {
      if (isRoot) expect(() => process.kill(pid, 0)).toThrow("EPERM");
      expect(isRunning({ pid, start: null })).toBe(true);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
