import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "./connection.ts";
import { type MigrateOptions, migrate } from "./migrate.ts";
import { migrationNames } from "./migration-history.ts";
import { migrationsDir as ourMigrations } from "./paths.ts";
import { startChild } from "./testing/child.ts";
import { inspect } from "./testing/test-database.ts";

let folder: string;
let options: MigrateOptions;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "llm-gateway-migrate-"));
  options = {
    file: path.join(folder, "gateway.db"),
    backupsDir: path.join(folder, "backups"),
    migrationsDir: path.join(folder, "migrations"),
  };
  cpSync(ourMigrations, options.migrationsDir, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Adds a migration that a later version would bring. */
function addMigration(name: string, sql: string): void {
  mkdirSync(path.join(options.migrationsDir, name));
  writeFileSync(path.join(options.migrationsDir, name, "migration.sql"), sql);
}

/** A database of this version with a user and a key. */
async function oldDatabase(): Promise<void> {
  await migrate(options);
  const connection = new Connection(options.file);
  connection.exec(`
    INSERT INTO users (id, email, tier, created_at_ms) VALUES (1, 'a@example.com', 'payg', 1);
    INSERT INTO api_keys (user_id, name, prefix, hash, kind, created_at_ms) VALUES (1, '', '', 'h', 'user', 1)`);
  connection.close();
}

const tables = () =>
  inspect<{ name: string }>(options.file, "SELECT name FROM sqlite_master WHERE type = 'table'");
const backups = () => (existsSync(options.backupsDir) ? readdirSync(options.backupsDir) : []);

test("a first start makes the database, for its owner alone, and has nothing to copy", async () => {
  const { applied, backupFile } = await migrate(options);
  expect(applied).toEqual(migrationNames(ourMigrations));
  expect(backupFile).toBeNull();
  expect(statSync(options.file).mode & 0o777).toBe(0o600);
});

test("a second start changes nothing, and does not even read the migrations", async () => {
  await oldDatabase();
  const before = inspect(options.file, "SELECT * FROM _prisma_migrations");
  for (const name of migrationNames(options.migrationsDir))
    rmSync(path.join(options.migrationsDir, name, "migration.sql"));
  expect(await migrate(options)).toEqual({ applied: [], backupFile: null, removedCopies: [] });
  expect(inspect(options.file, "SELECT * FROM _prisma_migrations")).toEqual(before);
  expect(backups()).toEqual([]);
});

test("an older database is copied, then brought up to date with all its rows", async () => {
  await oldDatabase();
  // As Prisma rebuilds a table that others refer to.
  addMigration(
    "20990101000000_note",
    `PRAGMA defer_foreign_keys=ON;
     PRAGMA foreign_keys=OFF;
     CREATE TABLE "new_users" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "note" TEXT);
     INSERT INTO "new_users" ("id", "email") SELECT "id", "email" FROM "users";
     DROP TABLE "users";
     ALTER TABLE "new_users" RENAME TO "users";
     PRAGMA foreign_keys=ON;
     PRAGMA defer_foreign_keys=OFF;`,
  );
  addMigration("20990102000000_more", "CREATE TABLE more (id INTEGER PRIMARY KEY);");
  const { applied, backupFile } = await migrate(options);
  expect(applied).toEqual(["20990101000000_note", "20990102000000_more"]);
  expect(inspect(options.file, "SELECT * FROM users")).toEqual([
    { id: 1, email: "a@example.com", note: null },
  ]);
  expect(inspect(options.file, "SELECT user_id FROM api_keys")).toEqual([{ user_id: 1 }]);

  expect(backupFile).toBe(path.join(options.backupsDir, "gateway-before-20990101000000_note.db"));
  expect(backups()).toEqual(["gateway-before-20990101000000_note.db"]);
  expect(statSync(backupFile ?? "").mode & 0o777).toBe(0o600);
  expect(inspect(backupFile ?? "", "SELECT email, tier FROM users")).toEqual([
    { email: "a@example.com", tier: "payg" },
  ]);
});

test("the newest three copies are kept; older ones go once a migration has succeeded, and not before", async () => {
  await oldDatabase();
  mkdirSync(options.backupsDir);
  const old = (day: number) => `gateway-before-2020010${day}000000_old.db`;
  for (const day of [1, 2, 3, 4]) {
    writeFileSync(path.join(options.backupsDir, old(day)), "old");
    // Made in the reverse order of their names: it is their own age that counts.
    utimesSync(path.join(options.backupsDir, old(day)), 0, 1_000_000 - day);
  }
  const others = ["gateway-20200101T000000000Z.tar.gz", "gateway-before-lunch.db"];
  for (const name of others) writeFileSync(path.join(options.backupsDir, name), "mine");
  addMigration("20990101000000_bad", "INSERT INTO absent VALUES (1);");
  await expect(migrate(options)).rejects.toThrow(/is unchanged/);
  const made = "gateway-before-20990101000000_bad.db";
  expect(backups().toSorted()).toEqual([...others, ...[1, 2, 3, 4].map(old), made].toSorted());

  writeFileSync(
    path.join(options.migrationsDir, "20990101000000_bad", "migration.sql"),
    "CREATE TABLE a (b);",
  );
  // What a start left that was killed while it copied.
  writeFileSync(path.join(options.backupsDir, `${old(5)}.77.part`), "half");
  expect((await migrate(options)).removedCopies.toSorted()).toEqual([old(3), old(4)]);
  expect(backups().toSorted()).toEqual([...others, old(1), old(2), made].toSorted());
});

test("a migration that fails leaves nothing behind, nor do the ones before it; corrected, it works", async () => {
  await oldDatabase();
  addMigration("20990101000000_good", "CREATE TABLE good (id INTEGER PRIMARY KEY);");
  addMigration(
    "20990102000000_bad",
    "CREATE TABLE bad (id INTEGER PRIMARY KEY); INSERT INTO absent VALUES (1);",
  );
  const before = tables();
  await expect(migrate(options)).rejects.toThrow(/is unchanged: .*absent/);
  await expect(migrate(options)).rejects.toThrow(options.file);
  expect(tables()).toEqual(before);
  expect(backups()).toEqual(["gateway-before-20990101000000_good.db"]);

  writeFileSync(
    path.join(options.migrationsDir, "20990102000000_bad", "migration.sql"),
    "CREATE TABLE bad (id);",
  );
  expect((await migrate(options)).applied).toEqual(["20990101000000_good", "20990102000000_bad"]);
});

test("a migration that would leave keys without their user is undone", async () => {
  await oldDatabase();
  addMigration("20990101000000_forget", "DELETE FROM users;");
  await expect(migrate(options)).rejects.toThrow("rows of api_keys that refer to nothing");
  expect(inspect(options.file, "SELECT id FROM users")).toEqual([{ id: 1 }]);
});

test("a database of a newer version is refused by name and left as it is", async () => {
  await oldDatabase();
  addMigration("20990101000000_future", "CREATE TABLE future (id INTEGER PRIMARY KEY);");
  await migrate(options);
  rmSync(path.join(options.migrationsDir, "20990101000000_future"), { recursive: true });
  await expect(migrate(options)).rejects.toThrow(/newer version.*20990101000000_future.*backups/s);
  expect(inspect(options.file, "SELECT count(*) AS n FROM future")).toEqual([{ n: 0 }]);
});

test("a start that is killed in the middle of a migration has changed nothing, and the next one completes it", async () => {
  await oldDatabase();
  addMigration(
    "20990101000000_long",
    `CREATE TABLE first (id INTEGER PRIMARY KEY);
     CREATE TABLE long AS WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1e9)
       SELECT n, 'filler' AS text FROM numbers;`,
  );
  const before = tables();
  const child = startChild("migrate-once", options.file, options.backupsDir, options.migrationsDir);
  // What does not fit into SQLite's cache goes to the WAL before the commit: the migration is under way.
  const wal = `${options.file}-wal`;
  await vi.waitFor(() => expect(statSync(wal).size).toBeGreaterThan(3_000_000), { timeout: 20_000 });
  child.process.kill("SIGKILL");
  expect(await child.ended).toBeNull();
  expect(tables()).toEqual(before);

  const short = "CREATE TABLE first (id INTEGER PRIMARY KEY);";
  writeFileSync(path.join(options.migrationsDir, "20990101000000_long", "migration.sql"), short);
  expect((await migrate(options)).applied).toEqual(["20990101000000_long"]);
});

test("of two starts at once, one migrates and both go on", async () => {
  await oldDatabase();
  addMigration("20990101000000_more", "CREATE TABLE more (id INTEGER PRIMARY KEY);");
  const children = [1, 2].map(() =>
    startChild("migrate-once", options.file, options.backupsDir, options.migrationsDir),
  );
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0]);
  expect(tables().filter(({ name }) => name === "more")).toHaveLength(1);
});
