import { expect, test } from "vitest";
import { CpuMeter } from "./cpu.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { fileTree } from "./testing/file-tree.ts";

const stat = (...cores: number[][]) =>
  [
    "cpu  1 2 3 4",
    ...cores.map((ticks, index) => `cpu${index} ${ticks.join(" ")} 77 0`),
    "intr 12 0",
    "",
  ].join("\n");
const clock = new FakeClock(0);

test.runIf(process.platform === "linux")(
  "the share of each core, between two looks; guests and stolen time are no work",
  async () => {
    // user nice system idle iowait irq softirq steal (guest guest_nice)
    await using tree = await fileTree({
      "proc/stat": stat([100, 0, 50, 800, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]),
    });
    const meter = new CpuMeter(tree.root, clock);
    expect(await meter.look()).toBeNull();
    clock.pass(1_000);
    await tree.write({ "proc/stat": stat([150, 10, 60, 820, 5, 2, 3, 0], [0, 0, 0, 60, 20, 0, 0, 20]) });
    const use = await meter.look();
    expect(use?.percentPerCore).toEqual([75, 0]); // 75 of 100 ticks, and 0 of 100.
    expect(use?.totalPercent).toBe(37.5);
  },
);

test.runIf(process.platform === "linux")("two looks at once do not divide by nothing", async () => {
  await using tree = await fileTree({ "proc/stat": stat([0, 0, 0, 10, 0, 0, 0, 0]) });
  const meter = new CpuMeter(tree.root, clock);
  await meter.look();
  clock.pass(1_000);
  await tree.write({ "proc/stat": stat([5, 0, 0, 15, 0, 0, 0, 0]) });
  expect((await meter.look())?.totalPercent).toBe(50);
  expect((await meter.look())?.totalPercent).toBe(50);
});

test.runIf(process.platform === "linux")(
  "a core that was switched off begins a new measurement",
  async () => {
    await using tree = await fileTree({
      "proc/stat": stat([9, 0, 0, 9, 0, 0, 0, 0], [9, 0, 0, 9, 0, 0, 0, 0]),
    });
    const meter = new CpuMeter(tree.root, clock);
    await meter.look();
    clock.pass(1_000);
    await tree.write({ "proc/stat": stat([10, 0, 0, 10, 0, 0, 0, 0]) });
    expect(await meter.look()).toBeNull();
  },
);

test("this machine's own", async () => {
  const meter = new CpuMeter();
  await meter.look();
  const untilMs = performance.now() + 250;
  while (performance.now() < untilMs);
  const use = await meter.look();
  expect(use?.percentPerCore.length).toBeGreaterThan(0);
  expect(use?.totalPercent).toBeGreaterThan(0);
});
