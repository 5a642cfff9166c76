import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { UsageMeter } from "./process-usage.ts";

it("measures memory and CPU of a process with its children", async () => {
  // A shell that does nothing, and a child of it that wants a core for itself.
  const busy = "console.log('ready'); for (;;);";
  const child = spawn("/bin/sh", ["-c", `"${process.execPath}" -e "${busy}" & wait`], { detached: true });
  const pid = child.pid ?? 0;
  const meter = new UsageMeter();
  const measure = async () => ({ usage: (await meter.measure([pid])).get(pid), atMs: performance.now() });
  try {
    await once(child.stdout, "data");
    const first = await measure();
    await sleep(500);
    const second = await measure();
    expect(second.usage?.ramBytes).toBeGreaterThan(20e6);
    // However little of a core it gets where the machine is busy with other things.
    const usedS = (second.usage?.cpuTimeS ?? 0) - (first.usage?.cpuTimeS ?? 0);
    expect(usedS).toBeGreaterThan(0);
    const percent = (usedS / (second.atMs - first.atMs)) * 1000 * 100;
    expect(second.usage?.cpuPercent).toBeGreaterThan(percent * 0.8);
    expect(second.usage?.cpuPercent).toBeLessThan(percent * 1.25);
  } finally {
    process.kill(-pid, "SIGKILL");
  }
});

it("says nothing of a process that is gone", async () => {
  const child = spawn("true");
  await once(child, "exit");
  expect((await new UsageMeter().measure([child.pid ?? 0])).get(child.pid ?? 0)).toEqual({
    ramBytes: null,
    cpuPercent: null,
    cpuTimeS: null,
  });
});
