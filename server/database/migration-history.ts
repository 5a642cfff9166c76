/** What the migrations folder holds and what a database has seen of it, without Prisma's engine. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { MigrationList } from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { Connection } from "./connection.ts";

const lockFile = "migration_lock.toml";

export interface MigrationHistory {
  applied: string[];
  /** In the folder, and not yet in the database. */
  pending: string[];
  /** In the database, and not in the folder: a newer version of the program made them. */
  unknown: string[];
  /** The database holds no table at all. */
  empty: boolean;
}

/** Compares the folder with the database. */
export function readHistory(connection: Connection, migrationsDir: string): MigrationHistory {
  const tables = connection.rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  const recorded = tables.some((table) => table.name === "_prisma_migrations");
  const applied = recorded ? appliedNames(connection) : [];
  const names = migrationNames(migrationsDir);
  return {
    applied,
    pending: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
    empty: tables.length === 0,
  };
}

function appliedNames(connection: Connection): string[] {
  const rows = connection.rows<{ migration_name: string }>(
    "SELECT migration_name FROM _prisma_migrations " +
      "WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name",
  );
  return rows.map((row) => row.migration_name);
}

/** Names of the migrations in the folder, oldest first: each begins with its time. */
export function migrationNames(migrationsDir: string): string[] {
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The folder's content, as the schema engine wants to be given it. */
export function migrationList(migrationsDir: string): MigrationList {
  const read = (name: string) => readFileSync(path.join(migrationsDir, name), "utf8");
  return {
    baseDir: migrationsDir,
    shadowDbInitScript: "",
    lockfile: { path: lockFile, content: read(lockFile) },
    migrationDirectories: migrationNames(migrationsDir).map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: read(path.join(name, "migration.sql")) },
      },
    })),
  };
}
