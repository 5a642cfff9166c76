import { describe, expect, test } from "vitest";
import { cpuQuotaCores } from "./cpu-quota.ts";
import { Sensors } from "./sensors.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { fileTree } from "./testing/file-tree.ts";

const hwmon = "sys/class/hwmon";
const thermal = "sys/class/thermal";
const powercap = "sys/class/powercap";

describe.runIf(process.platform === "linux")("sensors", () => {
  test("a machine without any says so", async () => {
    await using tree = await fileTree();
    const sensors = new Sensors(tree.root);
    await sensors.figures();
    expect(await sensors.figures()).toEqual({ cpuCelsius: null, cpuWatts: null });
  });

  test("the processor's hottest sensor counts, not that of a disk or network card", async () => {
    await using tree = await fileTree({
      [`${hwmon}/hwmon0/name`]: "nvme\n",
      [`${hwmon}/hwmon0/temp1_input`]: "91000\n",
      [`${hwmon}/hwmon1/name`]: "coretemp\n",
      [`${hwmon}/hwmon1/temp1_input`]: "54000\n",
      [`${hwmon}/hwmon1/temp2_input`]: "61500\n",
      [`${hwmon}/hwmon1/temp3_input`]: "255000\n",
      [`${thermal}/thermal_zone0/type`]: "x86_pkg_temp\n",
      [`${thermal}/thermal_zone0/temp`]: "70000\n",
    });
    expect((await new Sensors(tree.root).figures()).cpuCelsius).toBe(61.5);
  });

  test("zones count where no driver tells", async () => {
    await using tree = await fileTree({
      [`${thermal}/thermal_zone0/type`]: "acpitz\n",
      [`${thermal}/thermal_zone0/temp`]: "90000\n",
      [`${thermal}/thermal_zone1/type`]: "cpu-thermal\n",
      [`${thermal}/thermal_zone1/temp`]: "48312\n",
    });
    expect((await new Sensors(tree.root).figures()).cpuCelsius).toBe(48.312);
  });

  test("power is energy over time, of packages alone, also when a counter begins anew", async () => {
    const zone = (index: number, name: string, joules: number) => ({
      [`${powercap}/intel-rapl:${index}/name`]: `${name}\n`,
      [`${powercap}/intel-rapl:${index}/energy_uj`]: `${joules * 1e6}\n`,
      [`${powercap}/intel-rapl:${index}/max_energy_range_uj`]: `${1000 * 1e6}\n`,
    });
    const part = {
      [`${powercap}/intel-rapl:0:0/name`]: "core",
      [`${powercap}/intel-rapl:0:0/energy_uj`]: "0",
    };
    await using tree = await fileTree({
      ...zone(0, "package-0", 100),
      ...zone(1, "package-1", 990),
      ...zone(2, "psys", 0),
      ...part,
    });
    const clock = new FakeClock(0);
    const sensors = new Sensors(tree.root, clock);
    expect((await sensors.figures()).cpuWatts).toBeNull();
    clock.pass(2_000);
    await tree.write({ ...zone(0, "package-0", 120), ...zone(1, "package-1", 20), ...zone(2, "psys", 900) });
    expect((await sensors.figures()).cpuWatts).toBeCloseTo((20 + 30) / 2, 6);
  });
});

describe("the quota of a container", () => {
  test("is the tightest of its group and those above", async () => {
    await using tree = await fileTree({
      "proc/self/cgroup": "0::/a/b\n",
      "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
    });
    expect(await cpuQuotaCores(tree.root)).toBe(1.5);
  });

  test("is none without a limit, or with groups of version 1", async () => {
    await using tree = await fileTree({
      "proc/self/cgroup": "0::/\n",
      "sys/fs/cgroup/cpu.max": "max 100000\n",
    });
    expect(await cpuQuotaCores(tree.root)).toBeNull();
    await tree.write({ "proc/self/cgroup": "4:memory:/x\n1:cpu:/x\n" });
    expect(await cpuQuotaCores(tree.root)).toBeNull();
  });
});
