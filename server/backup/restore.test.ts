import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { lockDataFolder } from "../data-folder-lock.ts";
import { Connection } from "../database/connection.ts";
import { actor } from "../database/testing/samples.ts";
import { restoreBackup } from "./restore.ts";
import { beginSwap, finishSwap, undoSwap } from "./swap.ts";
import { backedFolder, contentsOf, newFolder, removeFolder } from "./testing/data-folder.ts";
import { writeArchive } from "./write-archive.ts";

let source: string;
let archive: string;
beforeAll(async () => {
  source = await newFolder();
  const { accounts, backups, database } = await backedFolder(source);
  await accounts.createUser({ email: "a@example.com", tier: "payg", balanceNanos: 5 }, actor, "");
  archive = (await backups.create()).path;
  await database.close();
});
afterAll(() => removeFolder(source));

let target: string;
let before: Record<string, string>;
/** A folder that is in use, with a database whose last changes are still in its WAL. */
beforeEach(async () => {
  target = await newFolder();
  const files = {
    "config.json": "{}",
    "gateway.db": "old database",
    "gateway.db-wal": "wal",
    "gateway.db-shm": "shm",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(target, name), content);
  await mkdir(path.join(target, "models"));
  await writeFile(path.join(target, "models", "some.gguf"), "a model");
  before = await contentsOf(target);
});
afterEach(() => removeFolder(target));

test("replaces database and configuration, and leaves everything else", async () => {
  expect(await restoreBackup(archive, target)).toMatchObject({ users: 1, ledgerRows: 1 });
  const after = await contentsOf(target);
  expect(Object.keys(after).toSorted()).toEqual([
    "config.json",
    "gateway.db",
    path.join("models", "some.gguf"),
  ]);
  expect(after["config.json"]).toBe((await contentsOf(source))["config.json"]);
});

test("a gateway that runs on the folder keeps it", async () => {
  const unlock = lockDataFolder(target);
  await expect(restoreBackup(archive, target)).rejects.toThrow(/in use by LLM Gateway, PID/);
  unlock();
  expect(await contentsOf(target)).toEqual(before);
});

/** An archive of these files, as a backup is written. */
async function repacked(change: (folder: string) => void | Promise<void>): Promise<string> {
  const folder = await newFolder();
  execFileSync("tar", ["-xzf", archive, "-C", folder]);
  await change(folder);
  const file = path.join(target, "..", `${path.basename(target)}.tar.gz`);
  await removeFolder(file);
  const parts = {
    "config.json": path.join(folder, "config.json"),
    "gateway.db": path.join(folder, "gateway.db"),
  };
  await writeArchive(file, parts, Date.now());
  await removeFolder(folder);
  return file;
}

const sql = (text: string) => (folder: string) => {
  const connection = new Connection(path.join(folder, "gateway.db"));
  connection.exec(text);
  connection.close();
};

test.each([
  [
    "of a newer version",
    sql(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('x', 'x', '29990101000000_later', 1, 1)",
    ),
    /newer version of LLM Gateway.*29990101000000_later/,
  ],
  ["whose ledger does not add up", sql("UPDATE users SET balance_nanos = 6"), /ledger does not add up/],
  ["of another program", sql("DROP TABLE _prisma_migrations"), /none of LLM Gateway/],
  [
    "with a damaged page",
    (folder: string) => overwrite(path.join(folder, "gateway.db"), 4096 * 3),
    /damaged|cannot be read/,
  ],
  [
    "without a database",
    (folder: string) => writeFile(path.join(folder, "gateway.db"), "text ".repeat(1000)),
    /cannot be read/,
  ],
  [
    "with a wrong configuration",
    (folder: string) => writeFile(path.join(folder, "config.json"), '{"retention_days": -1}'),
    /retention_days/,
  ],
] as const)("a backup %s is refused, and nothing changes", async (_, change, words) => {
  const file = await repacked(change);
  await expect(restoreBackup(file, target)).rejects.toThrow(words);
  expect(await contentsOf(target)).toEqual(before);
  await removeFolder(file);
});

async function overwrite(file: string, position: number): Promise<void> {
  const bytes = await readFile(file);
  bytes.fill(0xa5, position, position + 4096);
  await writeFile(file, bytes);
}

/** What becomes of a backup on the way. */
const damages: Record<string, (bytes: Buffer) => Buffer> = {
  "nothing at all": () => Buffer.alloc(0),
  "another file": () => Buffer.from("this is no archive"),
  "another archive": () => gzipSync(Buffer.alloc(10_240)),
  "the first half": (bytes) => bytes.subarray(0, bytes.length / 2),
  "all but the last bytes": (bytes) => bytes.subarray(0, -20),
  "one wrong byte in the database": (bytes) => {
    const content = gunzipSync(bytes);
    content[content.length - 5_000] = (content[content.length - 5_000] ?? 0) ^ 1;
    return gzipSync(content);
  },
  "a manifest of a later format": (bytes) => replaced(bytes, '"format_version": 1', '"format_version": 2'),
  "a file that leads elsewhere": (bytes) => replaced(bytes, "gateway.db\0", "../evil.db\0", -1),
};

/** Some bytes of the archive, of equal length, replaced where they first stand; the headers' sums are set right. */
function replaced(bytes: Buffer, from: string, to: string, extraBytes = 0): Buffer {
  const content = gunzipSync(bytes);
  const at = content.indexOf(from);
  content.write(to.padEnd(from.length, "\0"), at, "latin1");
  if (extraBytes !== 0) {
    const header = content.subarray(at, at + 512);
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return gzipSync(content);
}

test.each(Object.entries(damages))("a file of %s is refused, and nothing changes", async (_, damage) => {
  const file = `${target}-damaged.tar.gz`;
  await writeFile(file, damage(await readFile(archive)));
  await expect(restoreBackup(file, target)).rejects.toThrow(/cannot be used as a backup/);
  expect(await contentsOf(target)).toEqual(before);
  await removeFolder(file);
});

test("a file that is not there is named", async () => {
  await expect(restoreBackup("/nowhere/backup.tar.gz", target)).rejects.toThrow("/nowhere/backup.tar.gz");
  expect(await contentsOf(target)).toEqual(before);
});

test("a swap that breaks off after any of its steps is undone", async () => {
  const order = ["config.json", "gateway.db", "gateway.db-wal", "gateway.db-shm"];
  for (let moved = 0; moved <= 6; moved++) {
    const next = await beginSwap(target);
    const working = path.join(target, ".restoring");
    for (const name of ["config.json", "gateway.db"]) await writeFile(path.join(next, name), "new");
    await mkdir(path.join(working, "before"));
    await writeFile(path.join(working, "existed.json"), JSON.stringify(order));
    const steps = [
      ...order.map((name) => [path.join(target, name), path.join(working, "before", name)] as const),
      ...["config.json", "gateway.db"].map(
        (name) => [path.join(next, name), path.join(target, name)] as const,
      ),
    ];
    for (const [from, to] of steps.slice(0, moved)) await rename(from, to);
    expect(await undoSwap(target), `${moved} steps`).toBe(true);
    expect(await contentsOf(target), `${moved} steps`).toEqual(before);
  }
});

test("a swap into an empty folder that fails leaves it empty", async () => {
  const empty = await newFolder();
  const next = await beginSwap(empty);
  await writeFile(path.join(next, "config.json"), "new"); // There is no database to move after it.
  await expect(finishSwap(empty)).rejects.toThrow("ENOENT");
  expect(await contentsOf(empty)).toEqual({});
  await removeFolder(empty);
});

test("what an interrupted restore left does not keep the next one", async () => {
  await beginSwap(target);
  await cp(archive, path.join(target, ".restoring", "next", "gateway.db"));
  expect(await restoreBackup(archive, target)).toMatchObject({ users: 1 });
});
