import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { treeUsage } from "./process-tree.ts";

let child: ChildProcess | undefined;
afterEach(() => {
  if (child?.pid !== undefined) process.kill(-child.pid, "SIGKILL");
});

/** A process whose child works for a while and then says so through its parent's output. */
async function startFamily(): Promise<number> {
  const work =
    "while (process.cpuUsage().user < 400_000) for (let i = 0; i < 1e7; i++); console.log('done'); setInterval(() => {}, 1000);";
  const parent = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(work)}, "marked-worker"], { stdio: "inherit" });`;
  child = spawn(process.execPath, ["-e", parent], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  if (!child.stdout || child.pid === undefined) throw new Error("not started");
  await once(child.stdout, "data");
  return child.pid;
}

test.runIf(process.platform === "linux")(
  "counts the CPU time and memory of a process and its children",
  async () => {
    const pid = await startFamily();
    const all = treeUsage(pid);
    const parentAlone = treeUsage(pid, "marked-worker");
    expect(all.processes).toBe(2);
    expect(parentAlone.processes).toBe(1);
    expect(all.cpuUs - parentAlone.cpuUs).toBeGreaterThan(350_000);
    expect(all.cpuUs - parentAlone.cpuUs).toBeLessThan(2_000_000);
    expect(all.rssBytes - parentAlone.rssBytes).toBeGreaterThan(20_000_000);
  },
);

test.runIf(process.platform === "linux")("a process that is not there has used nothing", () => {
  expect(treeUsage(2 ** 30)).toEqual({ cpuUs: 0, rssBytes: 0, processes: 0 });
});
