import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Lock, removeStale } from "./lock.mjs";

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lock-"));
  file = path.join(folder, "lock");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Runs code in another process, with `lock` ready to use; resolves when it says something. */
async function inProcess(code: string): Promise<ChildProcess> {
  const module = new URL("./lock.mjs", import.meta.url).href;
  const program = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { spawn } from "node:child_process";
    const { Lock } = await import(${JSON.stringify(module)});
    const lock = new Lock(${JSON.stringify(file)});
    ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return child;
}

const holdForever = `await lock.acquire(() => {}); console.log("held"); setInterval(() => {}, 1000);`;

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

test("processes that change a file under the lock lose no change", async () => {
  const counter = path.join(folder, "counter");
  writeFileSync(counter, "0");
  const add = `
    for (let round = 0; round < 20; round += 1) {
      await lock.acquire(() => {}, 2);
      const value = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 1));
      writeFileSync(${JSON.stringify(counter)}, String(value + 1));
      lock.release();
    }
    console.log("done");`;
  await Promise.all(Array.from({ length: 5 }, () => inProcess(add)));
  expect(readFileSync(counter, "utf8")).toBe("100");
  expect(existsSync(file)).toBe(false);
});

test("waits for a living owner, and says who it is", async () => {
  const owner = await inProcess(holdForever);
  const lock = new Lock(file);
  const waitedFor: number[] = [];
  const acquired = lock.acquire(({ pid }) => waitedFor.push(pid), 5);
  await expect.poll(() => waitedFor).toEqual([owner.pid]);
  await end(owner);
  await acquired;
  expect(JSON.parse(readFileSync(file, "utf8")).pid).toBe(process.pid);
});

test("several that find a dead owner get the lock one after the other", async () => {
  await end(await inProcess(holdForever));
  const log = path.join(folder, "log");
  writeFileSync(log, "");
  const enter = `
    await lock.acquire(() => {}, 1);
    writeFileSync(${JSON.stringify(log)}, "in ", { flag: "a" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(${JSON.stringify(log)}, "out ", { flag: "a" });
    lock.release();
    console.log("done");`;
  await Promise.all(Array.from({ length: 6 }, () => inProcess(enter)));
  expect(readFileSync(log, "utf8")).toBe("in out ".repeat(6));
});

test("a killed owner's child keeps the lock for as long as it works", async () => {
  const owner = await inProcess(`
    await lock.acquire(() => {});
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    lock.addChild(child.pid);
    console.log("held");`);
  const child = JSON.parse(readFileSync(file, "utf8")).children[0].pid;
  await end(owner);
  const lock = new Lock(file);
  let acquired = false;
  const waiting = new Promise<void>((resolve) => {
    void lock
      .acquire(() => resolve(), 5)
      .then(() => {
        acquired = true;
      });
  });
  await waiting;
  expect(acquired).toBe(false);
  process.kill(child, "SIGKILL");
  await expect.poll(() => acquired).toBe(true);
});

test("a number that now belongs to another process does not keep the lock", async () => {
  const owner = { pid: process.pid, start: "another time", since: "", children: [] };
  writeFileSync(file, JSON.stringify(owner));
  const lock = new Lock(file);
  await lock.acquire(() => {});
  lock.release();
  expect(existsSync(file)).toBe(false);
});

const owner = (pid: number) => ({ pid, start: "1", since: "", children: [] });

test("one that was slow to see a dead owner does not remove the lock of the next", () => {
  writeFileSync(file, JSON.stringify(owner(2)));
  removeStale(file, owner(1));
  expect(JSON.parse(readFileSync(file, "utf8")).pid).toBe(2);
  removeStale(file, owner(2));
  expect(existsSync(file)).toBe(false);
});

test("while another is removing it, a dead owner's file stays", () => {
  writeFileSync(file, JSON.stringify(owner(1)));
  mkdirSync(`${file}.guard`);
  removeStale(file, owner(1));
  expect(existsSync(file)).toBe(true);
});
