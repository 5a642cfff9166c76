/** `npm run migrate -- create NAME | check | deploy | status`: Prisma's migrations without its downloaded engine. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readEnvironment } from "../lib/env.ts";
import { createPrivateFile } from "../server/database/backup.ts";
import { Connection } from "../server/database/connection.ts";
import { migrate } from "../server/database/migrate.ts";
import { migrationList, migrationNames, readHistory } from "../server/database/migration-history.ts";
import { databasePaths, migrationsDir } from "../server/database/paths.ts";
import { openSchemaEngine, schemaFilter } from "../server/database/schema-engine.ts";

const usage = "Usage: npm run migrate -- create NAME | check | deploy | status";

/** Statements that lead from what the migrations give to schema.prisma, or null when they are the same. */
async function missingSql(): Promise<string | null> {
  const connection = new Connection(":memory:");
  const engine = await openSchemaEngine(connection);
  if (migrationNames(migrationsDir).length > 0)
    await engine.applyMigrations({ migrationsList: migrationList(migrationsDir), filters: schemaFilter });
  const schemaPath = path.resolve(migrationsDir, "../schema.prisma");
  const files = [{ path: schemaPath, content: readFileSync(schemaPath, "utf8") }];
  const { stdout, exitCode } = await engine.diff({
    from: { tag: "schemaDatasource", files, configDir: path.dirname(schemaPath) },
    to: { tag: "schemaDatamodel", files },
    script: true,
    exitCode: true,
    filters: schemaFilter,
  });
  connection.close();
  return exitCode === 2 ? stdout : null;
}

async function create(name: string | undefined): Promise<void> {
  if (!name || !/^[a-z0-9_]+$/.test(name))
    throw new Error("A name of a-z, 0-9 and _ is needed, as add_signups.");
  const sql = await missingSql();
  if (sql === null) return console.log("No change: the migrations already give schema.prisma.");
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = path.join(migrationsDir, `${time}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "migration.sql"), sql);
  console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql. Read it before you commit it.`);
}

async function check(): Promise<void> {
  const sql = await missingSql();
  if (sql !== null) throw new Error(`schema.prisma has changes without a migration:\n${sql}`);
  console.log("The migrations give schema.prisma.");
}

async function deploy(): Promise<void> {
  const { applied, backupFile } = await migrate({ ...paths(), migrationsDir });
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Nothing was pending.");
  if (backupFile) console.log(`A copy from before is in ${backupFile}.`);
}

function status(): void {
  const { file } = paths();
  createPrivateFile(file);
  const connection = new Connection(file);
  const { applied, pending, unknown } = readHistory(connection, migrationsDir);
  connection.close();
  const line = (label: string, names: string[]) => console.log(`${label}: ${names.join(", ") || "none"}`);
  line("Applied", applied);
  line("Pending", pending);
  line("Of a newer version", unknown);
}

function paths() {
  const { dataDir } = readEnvironment(process.env);
  mkdirSync(dataDir, { recursive: true });
  return databasePaths(dataDir);
}

async function main([command, name]: string[]): Promise<void> {
  if (command === "create") return create(name);
  if (command === "check") return check();
  if (command === "deploy") return deploy();
  if (command === "status") return status();
  throw new Error(usage);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
