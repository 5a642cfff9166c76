import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { UsageMeter } from "./process-usage.ts";

it("measures memory and CPU of a process with its children", async () => {
  // A shell that does nothing, and a child of it that keeps a core busy.
  const child = spawn("/bin/sh", ["-c", `"${process.execPath}" -e 'for(;;);' & echo ready; wait`], {
    detached: true,
  });
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  const meter = new UsageMeter();
  await sleep(200);
  await meter.measure([pid]);
  await sleep(500);
  const usage = (await meter.measure([pid])).get(pid);
  process.kill(-pid, "SIGKILL");
  expect(usage?.ramBytes).toBeGreaterThan(20e6);
  // The machine may be busy with other things; a sleeping shell alone would show nothing.
  expect(usage?.cpuPercent).toBeGreaterThan(15);
  expect(usage?.cpuPercent).toBeLessThan(150);
  expect(usage?.cpuTimeS).toBeGreaterThan(0.05);
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
