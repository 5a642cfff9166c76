import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort, freePortRange, logTail, startChild, stopChild } from "./child.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "child-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process that has ended, but that nobody has waited for, is not alive. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

const firstLine = async ({ stdout }: ChildProcess) =>
  String((await once(stdout ?? process.stdin, "data"))[0]);

test("a process is stopped, and its output kept", async () => {
  const program = "console.log('hello'); setInterval(() => {}, 1000);";
  const child = startChild([process.execPath, "-e", program], { logFile: path.join(folder, "log") });
  await expect.poll(() => logTail(child), { timeout: 10_000 }).toBe("hello");
  await stopChild(child);
  expect(child.process.signalCode).toBe("SIGTERM");
  await stopChild(child);
});

test.runIf(process.platform === "linux")(
  "no child outlives its parent, not even one that ignores signals, and the folder goes last",
  async () => {
    const marker = path.join(folder, "marker");
    await writeFile(marker, "");
    const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
    const source = `
    import { rmSync } from "node:fs";
    import { endChildrenOnExit, startChild } from ${JSON.stringify(path.join(import.meta.dirname, "child.ts"))};
    endChildrenOnExit(() => rmSync(${JSON.stringify(marker)}));
    const child = startChild([process.execPath, "-e", ${JSON.stringify(stubborn)}], { logFile: ${JSON.stringify(path.join(folder, "log"))} });
    console.log(child.pid);
  `;
    const file = path.join(folder, "parent.mts");
    await writeFile(file, source);
    const parent = spawn(process.execPath, ["--import", "tsx", file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(await firstLine(parent));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGTERM");
    await once(parent, "exit");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(marker)).toBe(false);
  },
);

test("free ports are free, also several in a row", async () => {
  const first = await freePortRange(3);
  const servers = [await freePort(), first, first + 1, first + 2].map((port) =>
    createServer().listen(port, "127.0.0.1"),
  );
  await Promise.all(servers.map((server) => once(server, "listening")));
  for (const server of servers) server.close();
});
