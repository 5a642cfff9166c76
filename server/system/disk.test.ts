import { mkdir, mkdtemp, rm, statfs, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { expect, test } from "vitest";
import { bytesPerGigabyte } from "../../lib/bytes.ts";
import { machine } from "../../lib/fit/testing/questions.ts";
import type { DiskFigures } from "../../lib/system/types.ts";
import { canMount, testInNamespace } from "../database/testing/mounting.ts";
import { mountSmallDisk } from "../database/testing/small-disk.ts";
import { Disks } from "./disk.ts";
import { DiskWatch } from "./disk-watch.ts";
import { SystemReader } from "./system.ts";
import { fileTree } from "./testing/file-tree.ts";

const memoryDisk = "/dev/shm";
const hasMemoryDisk = await statfs(memoryDisk).then(
  () => process.platform === "linux",
  () => false,
);

test("the disk of the data folder, as the system tells it", async () => {
  await using tree = await fileTree({ "models/x.gguf": "" });
  const [disk, ...others] = await new Disks(tree.root).figures();
  const { blocks, bsize } = await statfs(tree.root);
  expect(disk).toMatchObject({ holds: "data", path: tree.root, totalBytes: blocks * bsize });
  expect(disk?.freeBytes).toBeGreaterThan(0);
  expect(others).toEqual([]);
});

test.runIf(hasMemoryDisk)("models on another disk are told apart", async () => {
  await using tree = await fileTree();
  const elsewhere = await mkdtemp(path.join(memoryDisk, "llm-gateway-models-"));
  try {
    await symlink(elsewhere, path.join(tree.root, "models"));
    const disks = await new Disks(tree.root).figures();
    expect(disks.map(({ holds }) => holds)).toEqual(["data", "models"]);
    const { blocks, bsize } = await statfs(memoryDisk);
    expect(disks[1]?.totalBytes).toBe(blocks * bsize);
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

test("a folder that is not there is left out", async () => {
  const nowhere = path.join(os.tmpdir(), "llm-gateway-nowhere");
  expect(await new Disks(nowhere).figures()).toEqual([]);
  await using tree = await fileTree();
  await mkdir(path.join(tree.root, "empty"));
  expect(await new Disks(path.join(tree.root, "empty")).figures()).toHaveLength(1);
});

testInNamespace(import.meta.filename);

test.runIf(canMount)("a data folder on a disk that is too small: a warning, and no downloads", async () => {
  const small = mountSmallDisk(20);
  const lines: string[] = [];
  const system = new SystemReader({
    dataDir: small.folder,
    slots: { snapshot: async () => [] },
    machine: { read: async () => machine(8) },
    log: pino({}, { write: (line: string) => lines.push(line) }),
  });
  try {
    expect(await system.isDiskLow()).toBe(true);
    const { warnings } = await system.figures();
    expect(warnings).toEqual([
      { code: "disk_low", message: expect.stringContaining(`Only 0.02 GB are free`) },
    ]);
    expect(lines).toHaveLength(1);
  } finally {
    system.close();
    small.remove();
  }
});

const disk = (freeGb: number, holds: DiskFigures["holds"] = "data"): DiskFigures => ({
  holds,
  path: "/data",
  totalBytes: 100 * bytesPerGigabyte,
  freeBytes: freeGb * bytesPerGigabyte,
});

test("a full disk is said once, and once again when there is room", () => {
  const lines: { level: number; msg: string }[] = [];
  const watch = new DiskWatch(pino({}, { write: (line: string) => lines.push(JSON.parse(line)) }));
  expect(watch.judge([disk(1.05)])).toEqual([]);
  expect(watch.judge([disk(0.99)])).toEqual([
    { code: "disk_low", message: expect.stringContaining("Only 0.99 GB are free") },
  ]);
  watch.judge([disk(0.5)]);
  expect(watch.isLow).toBe(true);
  expect(lines.map(({ level }) => level)).toEqual([40]);
  // Hovering around the bound, or not answering, changes nothing.
  expect(watch.judge([disk(1.01)])).toHaveLength(1);
  watch.judge([]);
  expect([watch.isLow, lines.length]).toEqual([true, 1]);
  expect(watch.judge([disk(1.2)])).toEqual([]);
  expect([watch.isLow, lines.length]).toEqual([false, 2]);
});

test("each disk is judged by itself", () => {
  const watch = new DiskWatch(pino({ level: "silent" }));
  const warnings = watch.judge([disk(50), disk(0.2, "models")]);
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("free for models")]);
});
