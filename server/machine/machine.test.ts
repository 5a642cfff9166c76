import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { gpu } from "../../lib/fit/testing/questions.ts";
import { memoryLimit } from "./cgroup.ts";
import { lockableIn } from "./locking.ts";
import { createMachineReader } from "./machine-reader.ts";
import { availableInMeminfo, availableInVmStat, readMemory } from "./memory.ts";
import { processorIn } from "./processor.ts";

/** From macOS's manual page of vm_stat. */
const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10.
Pages active:                         400000.
Pages inactive:                          200.
Pages speculative:                      3000.
Pages throttled:                           0.
Pages wired down:                     150000.
Pages purgeable:                       40000.
`;

describe("memory", () => {
  it("is what this machine has", async () => {
    const { totalBytes, availableBytes } = await readMemory();
    expect(totalBytes).toBeLessThanOrEqual(os.totalmem());
    expect(availableBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeLessThan(totalBytes);
  });

  it("is read from what systems print", () => {
    expect(availableInMeminfo("MemTotal:  24683656 kB\nMemAvailable:   1000 kB\n")).toBe(1_024_000);
    expect(availableInMeminfo("MemTotal:  24683656 kB\n")).toBeNull();
    expect(availableInVmStat(vmStat)).toBe(43_210 * 16_384);
    expect(availableInVmStat("")).toBeNull();
  });
});

describe("a container's limit", () => {
  async function cgroups(groups: Record<string, Record<string, string>>, membership: string) {
    const root = await mkdtemp(path.join(os.tmpdir(), "cgroup-"));
    onTestFinished(() => rm(root, { recursive: true }));
    for (const [group, files] of Object.entries(groups)) {
      await mkdir(path.join(root, group), { recursive: true });
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, group, name), text);
    }
    await writeFile(path.join(root, "membership"), membership);
    return memoryLimit(root, path.join(root, "membership"));
  }
  const group = (max: string, current: number, stat = "") => ({
    "memory.max": `${max}\n`,
    "memory.current": `${current}\n`,
    "memory.stat": stat,
  });

  it("leaves what is below it, files that are only cached included", async () => {
    const own = group("1000", 900, "anon 500\ninactive_file 250\nactive_file 50\nfile 399\n");
    expect(await cgroups({ "": own }, "0::/\n")).toEqual({ limitBytes: 1000, availableBytes: 400 });
  });

  it("is the tightest on the way up", async () => {
    const groups = { "a/b": group("max", 10), a: group("500", 450), "": {} };
    expect(await cgroups(groups, "0::/a/b\n")).toEqual({ limitBytes: 500, availableBytes: 50 });
    const two = { "a/b": group("300", 10), a: group("500", 450) };
    expect(await cgroups(two, "1:name=x:/y\n0::/a/b\n")).toEqual({ limitBytes: 300, availableBytes: 50 });
  });

  it("is none where nothing is limited, and on version 1", async () => {
    expect(await cgroups({ "": group("max", 10) }, "0::/\n")).toBeNull();
    expect(await cgroups({ "": group("100", 10) }, "3:memory:/x\n")).toBeNull();
  });
});

it("knows the processor by its flags", () => {
  const of = (flags: string) => processorIn(`processor\t: 0\nflags\t\t: fpu ${flags}\n\nprocessor\t: 1\n`);
  expect(of("avx2 avx512f avx512_vnni amx_int8")).toBe("amx");
  expect(of("avx2 avx512f")).toBe("avx512");
  expect(of("avx avx2")).toBe("avx2");
  expect(of("sse4_2")).toBe("other");
  expect(processorIn("Features\t: fp asimd asimddp\n")).toBe("arm");
  expect(processorIn("")).toBeNull();
});

it("knows how much may be locked", () => {
  const limits = (soft: string) =>
    `Max stack size 8388608 unlimited bytes\nMax locked memory  ${soft}  unlimited  bytes\n`;
  const status = (capabilities: string) => `CapPrm:\t0\nCapEff:\t${capabilities}\n`;
  expect(lockableIn(limits("8388608"), status("0000000000000000"))).toBe(8_388_608);
  expect(lockableIn(limits("unlimited"), status("0000000000000000"))).toBe(Number.POSITIVE_INFINITY);
  expect(lockableIn(limits("8388608"), status("0000000000004000"))).toBe(Number.POSITIVE_INFINITY);
});

describe("the reader", () => {
  function reader(findGpus: () => Promise<ReturnType<typeof gpu>[]>) {
    const looks = { memory: 0, gpus: 0 };
    let nowMs = 0;
    const machine = createMachineReader({
      memory: async () => ({ totalBytes: 100, availableBytes: 50 - looks.memory++ }),
      fixed: async () => ({ processor: "other", lockableBytes: 0 }),
      gpus: [
        async () => {
          looks.gpus++;
          return findGpus();
        },
        () => Promise.reject(new Error("no such tool")),
      ],
      nowMs: () => nowMs,
    });
    return {
      machine,
      looks,
      at: (ms: number) => {
        nowMs = ms;
      },
    };
  }

  it("looks once for all who ask, and again when that is old", async () => {
    const { machine, looks, at } = reader(async () => [gpu(8)]);
    const [first] = await Promise.all([machine.read(), machine.read()]);
    expect(first).toMatchObject({ availableBytes: 50, gpus: [{ vendor: "nvidia" }] });
    at(999);
    await machine.read();
    expect(looks).toEqual({ memory: 1, gpus: 1 });
    expect((await machine.read({ fresh: true })).availableBytes).toBe(49);
    at(1_000);
    expect((await machine.read()).availableBytes).toBe(48);
    at(5_000);
    await machine.read();
    expect(looks).toEqual({ memory: 4, gpus: 2 });
  });

  it("asks seldom for GPUs where there is none", async () => {
    const { machine, looks, at } = reader(async () => []);
    expect((await machine.read()).gpus).toEqual([]);
    at(60_000);
    await machine.read();
    expect(looks.gpus).toBe(1);
    at(600_000);
    await machine.read();
    expect(looks.gpus).toBe(2);
  });
});
