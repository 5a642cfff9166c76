import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { diagnose } from "./diagnose.ts";
import { MemoryKills } from "./memory-kills.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "memory-kills-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As the kernel writes it. */
const counter = async (count: number) => {
  const file = path.join(folder, "memory.events");
  await writeFile(file, `low 0\nhigh 0\nmax 3\noom 1\noom_kill ${count}\noom_group_kill 0\n`);
  return file;
};

it("tells of a death for want of memory once, and of those at the same moment", async () => {
  const kills = new MemoryKills([path.join(folder, "nothing"), await counter(4)]);
  expect(kills.happened(0)).toBe(false);
  await counter(5);
  expect(kills.happened(10_000)).toBe(true);
  expect(kills.happened(11_000)).toBe(true);
  expect(kills.happened(12_001)).toBe(false);
});

it("does not know where nothing tells", () => {
  expect(new MemoryKills([path.join(folder, "nothing")]).happened(0)).toBeNull();
});

it.each([
  [true, "killed_out_of_memory", { ctx_size: 4_096 }],
  [false, "killed", {}],
  [null, "killed", { ctx_size: 4_096 }],
])("decides what a SIGKILL means: %s", (isOutOfMemoryKill, cause, change) => {
  const exit = { code: null, signal: "SIGKILL" } as const;
  const settings = { ctxSize: 8_192, parallel: 4 };
  const facts = { known: null, exit, isOutOfMemoryKill, wasReady: true, settings, lines: [] };
  expect(diagnose(facts)).toMatchObject({ cause, nextStep: { action: "load", change } });
});

it("takes nothing that is printed while loading for the end of an engine that has worked since", () => {
  const lines = ["error loading model: unknown model architecture: 'x'"];
  const exit = { code: 1, signal: null };
  const facts = { known: null, exit, isOutOfMemoryKill: false, settings: null, lines };
  expect(diagnose({ ...facts, wasReady: false }).cause).toBe("unknown_architecture");
  expect(diagnose({ ...facts, wasReady: true }).cause).toBe("unknown");
});
