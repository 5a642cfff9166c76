import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { Reaper } from "./reaper.ts";
import { posixReaper, windowsReaper } from "./reaper-script.ts";

const started: ChildProcess[] = [];

afterEach(() => {
  for (const { pid } of started.splice(0))
    if (pid !== undefined) spawnSync("kill", ["-s", "KILL", "--", `-${pid}`]);
});

/** A process in a group of its own. */
function victim(script: string): { pid: number; ended: Promise<unknown[]> } {
  const child = spawn("/bin/sh", ["-c", script], { detached: true, stdio: "ignore" });
  started.push(child);
  if (child.pid === undefined) throw new Error("There is no process.");
  return { pid: child.pid, ended: once(child, "exit") };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The script on its own, fed by hand. */
function script(command: string, args: string[]): ChildProcess {
  const child = spawn(command, args, { detached: true, stdio: ["pipe", "ignore", "inherit"] });
  started.push(child);
  return child;
}

/** Resolves when the script has got as far as its first line. */
async function ignoresTermination({ pid }: ChildProcess): Promise<void> {
  const termBit = 1n << 14n;
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const ignored = BigInt(`0x${/^SigIgn:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? 0}`);
    if ((ignored & termBit) !== 0n) return;
    await sleep(5);
  }
}

describe("the reaper's script", () => {
  it("ends the groups that are left when its input ends, and no others", async () => {
    const [ended, removed, stubborn] = [
      victim("sleep 60"),
      victim("sleep 60"),
      victim("trap '' TERM; sleep 60 & wait; sleep 60"),
    ];
    const reaper = script("/bin/sh", ["-c", posixReaper]);
    for (const { pid } of [ended, removed, stubborn]) reaper.stdin?.write(`add ${pid}\n`);
    reaper.stdin?.write(`del ${removed.pid}\n`);
    await ignoresTermination(reaper);
    reaper.kill("SIGTERM");
    reaper.kill("SIGINT");
    expect([ended, removed, stubborn].every(({ pid }) => isAlive(pid))).toBe(true);
    const exited = once(reaper, "exit"); // It ends at once after its last kill.
    reaper.stdin?.end();
    expect((await ended.ended)[1]).toBe("SIGTERM");
    expect((await stubborn.ended)[1]).toBe("SIGKILL");
    expect(isAlive(removed.pid)).toBe(true);
    await exited;
  });

  it("for Windows does the same with the command it is given", async () => {
    const [ended, removed] = [victim("sleep 60"), victim("sleep 60")];
    const reaper = script(process.execPath, ["-e", windowsReaper, "kill", "-9"]);
    for (const { pid } of [ended, removed]) reaper.stdin?.write(`add ${pid}\n`);
    reaper.stdin?.end(`del ${removed.pid}\n`);
    expect((await ended.ended)[1]).toBe("SIGKILL");
    expect(isAlive(removed.pid)).toBe(true);
  });
});

describe("the reaper", () => {
  it("is replaced when somebody ends it, and knows what the first one knew", async () => {
    const reaper = new Reaper(process.env, pino({ level: "silent" }));
    const { pid, ended } = victim("sleep 60");
    await reaper.add(pid);
    const first = reaper.pid ?? 0;
    process.kill(first, "SIGKILL");
    while (reaper.pid === null || reaper.pid === first) await sleep(5);
    reaper.close();
    expect((await ended)[1]).toBe("SIGTERM");
  });
});
