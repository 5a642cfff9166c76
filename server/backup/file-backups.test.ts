import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditBooks, noDifferences } from "../database/testing/books.ts";
import { canMount, testInNamespace } from "../database/testing/mounting.ts";
import { actor, settlement } from "../database/testing/samples.ts";
import { limitFileSizes, mountSmallDisk } from "../database/testing/small-disk.ts";
import { inspect } from "../database/testing/test-database.ts";
import { createBackups } from "./file-backups.ts";
import { restoreBackup } from "./restore.ts";
import { type BackedFolder, backedFolder, newFolder, removeFolder } from "./testing/data-folder.ts";
import { sha256Of } from "./write-archive.ts";

let held: BackedFolder;
beforeAll(async () => {
  held = await backedFolder(await newFolder());
});
afterAll(async () => {
  await held.database.close();
  await removeFolder(held.dataDir);
});

/** The name of a backup that was made on this day, long after the copies of the tests. */
const archiveOf = (day: number) => `gateway-202501${String(day).padStart(2, "0")}T000000000Z.tar.gz`;

const backupsDir = () => path.join(held.dataDir, "backups");

/** Settles until told to stop, 200 times a second. */
async function settleSteadily(userId: number, isOver: () => boolean): Promise<number> {
  const startedMs = performance.now();
  let settled = 0;
  const pending: Promise<void>[] = [];
  while (!isOver()) {
    const due = (performance.now() - startedMs) / 5;
    for (; settled < due; settled++)
      pending.push(held.accounts.settle(settlement({ userId, costNanos: 1000 })));
    await delay(1);
  }
  await Promise.all(pending);
  return (settled / (performance.now() - startedMs)) * 1000;
}

test("backups while 200 requests a second are settled are each complete, and can be restored", async () => {
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 1_000_000_000 };
  const { account } = await held.accounts.createUser(user, actor, "");
  let isOver = false;
  const settling = settleSteadily(account.id, () => isOver);
  const counts: number[] = [];
  try {
    for (let round = 0; round < 3; round++) {
      await delay(100);
      const backup = await held.backups.create();
      const target = await newFolder();
      expect(await restoreBackup(backup.path, target)).toMatchObject({ users: 1 });
      const file = path.join(target, "gateway.db");
      expect(auditBooks(file)).toEqual(noDifferences);
      counts.push(inspect<{ n: number }>(file, "SELECT count(*) AS n FROM usage")[0]?.n ?? 0);
      expect(JSON.parse(await readFile(path.join(target, "config.json"), "utf8"))).toMatchObject({
        retention_days: 42,
      });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await removeFolder(target);
    }
  } finally {
    isOver = true;
  }
  expect(await settling).toBeGreaterThan(190);
  // Each was made later than the one before, and while rows were added.
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(new Set(counts).size).toBe(3);
}, 60_000);

test("a backup is one file that only its owner reads, and that tar reads", async () => {
  const backup = await held.backups.create();
  expect(await held.backups.find(backup.name)).toEqual(backup);
  expect((await stat(backup.path)).mode & 0o777).toBe(0o600);
  expect((await stat(backup.path)).size).toBe(backup.sizeBytes);
  expect(await readdir(backupsDir())).not.toContain(".unfinished");
  const folder = await newFolder();
  execFileSync("tar", ["-xzf", backup.path, "-C", folder]);
  const manifest = JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ format: "llm-gateway-backup", format_version: 1 });
  for (const part of manifest.parts) {
    expect(await sha256Of(path.join(folder, part.name))).toBe(part.sha256);
    expect((await stat(path.join(folder, part.name))).size).toBe(part.size_bytes);
  }
  expect((await readdir(folder)).toSorted()).toEqual(["config.json", "gateway.db", "manifest.json"]);
  await removeFolder(folder);
});

test("only the newest are kept, and no other file is touched", async () => {
  await mkdir(backupsDir(), { recursive: true });
  for (let day = 1; day <= 20; day++) await writeFile(path.join(backupsDir(), archiveOf(day)), "old");
  const others = ["gateway-before-20260101.db", "my-own-copy.tar.gz"];
  for (const name of others) await writeFile(path.join(backupsDir(), name), "mine");
  const newest = await held.backups.create();
  const kept = await held.backups.list();
  expect(kept).toHaveLength(14);
  expect(kept[0]).toEqual(newest);
  expect(kept.map(({ name }) => name)).not.toContain(archiveOf(1));
  expect(await readdir(backupsDir())).toEqual(expect.arrayContaining(others));
  await held.backups.remove(newest.name);
  await expect(held.backups.find(newest.name)).rejects.toMatchObject({ code: "not_found" });
});

test("copies from before migrations are listed at their age, found and removed, and count apart", async () => {
  const name = "gateway-before-20990101000000_note.db";
  const file = path.join(backupsDir(), name);
  await mkdir(backupsDir(), { recursive: true });
  await writeFile(file, "a copy");
  await utimes(file, 1, 1_700_000_000);
  const copy = { kind: "before_migration", name, path: file, sizeBytes: 6, createdAtMs: 1_700_000_000_000 };
  expect(await held.backups.find(name)).toEqual(copy);
  for (let round = 1; round <= 15; round++) await writeFile(path.join(backupsDir(), archiveOf(round)), "old");
  await held.backups.create();
  const kinds = (await held.backups.list()).map(({ kind }) => kind);
  expect(kinds).toEqual([...Array(14).fill("backup"), "before_migration"]);
  await held.backups.remove(name);
  await expect(held.backups.find(name)).rejects.toMatchObject({ code: "not_found" });
});

test.each(["../config.json", "my-own-copy.tar.gz", "", "gateway-before-20260101.db"])(
  "%j is no backup",
  async (name) => {
    for (const action of [held.backups.find(name), held.backups.remove(name)])
      await expect(action).rejects.toMatchObject({ code: "not_found" });
  },
);

test("of two at once one is written", async () => {
  const results = await Promise.allSettled([held.backups.create(), held.backups.create()]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(results[1]).toMatchObject({ reason: { code: "conflict" } });
});

test("what stands in the way and is not the disk is named", async () => {
  const { database } = held;
  const elsewhere = await newFolder(); // It has no configuration.
  const made = createBackups({ database, dataDir: elsewhere }).create();
  await expect(made).rejects.toMatchObject({
    code: "storage_unavailable",
    message: expect.stringMatching(/^The backup could not be written: ENOENT[^?]+config\.json[^?]+$/),
  });
  await removeFolder(elsewhere);
});

testInNamespace(import.meta.filename);
const disks = {
  "a limit on file sizes": limitFileSizes,
  ...(canMount && { "a small tmpfs": () => mountSmallDisk(4) }),
};

test.runIf(process.platform === "linux").each(Object.entries(disks))(
  "a full disk (%s) leaves no half backup, and the next one works",
  async (_, makeDisk) => {
    const disk = makeDisk();
    const full = await backedFolder(disk.folder, 20);
    try {
      const written = await full.backups.create();
      disk.fill();
      await expect(full.backups.create()).rejects.toMatchObject({
        code: "storage_unavailable",
        message: expect.stringContaining("Is the disk full?"),
      });
      expect(await readdir(path.join(disk.folder, "backups"))).toEqual([written.name]);
      disk.free();
      await full.backups.create();
      expect(await full.backups.list()).toHaveLength(2);
    } finally {
      disk.free();
      await full.database.close();
      disk.remove();
    }
  },
);
