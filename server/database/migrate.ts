/** Brings a database to the schema of this version, at every start. */
import path from "node:path";
import { copyDatabase, createPrivateFile } from "./backup.ts";
import { Connection } from "./connection.ts";
import { migrationCopyName, pruneMigrationCopies } from "./migration-copies.ts";
import { type MigrationHistory, migrationList, readHistory } from "./migration-history.ts";

export interface MigrateOptions {
  file: string;
  /** Where a copy is put before anything is changed. */
  backupsDir: string;
  migrationsDir: string;
}

export interface MigrateResult {
  applied: string[];
  /** The copy made before, or null where there was nothing to lose. */
  backupFile: string | null;
  /** Names of older copies that went with this success. */
  removedCopies: string[];
}

/** What comes of a start with nothing pending. */
export const nothingMigrated: MigrateResult = { applied: [], backupFile: null, removedCopies: [] };

/**
 * Applies what is pending: all of it in one transaction, so that an interrupted or failed start leaves the database as
 * it was. With nothing pending it costs two small queries.
 * @throws Error when the database is of a newer version, or a migration fails
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  createPrivateFile(options.file);
  const connection = new Connection(options.file);
  try {
    const history = readHistory(connection, options.migrationsDir);
    refuseNewer(history, options);
    const [first] = history.pending;
    if (first === undefined) return nothingMigrated;
    const backupFile = history.empty ? null : path.join(options.backupsDir, migrationCopyName(first));
    if (backupFile) copyDatabase(connection, backupFile);
    const applied = await applyPending(connection, options);
    return { applied, backupFile, removedCopies: backupFile ? removeOldCopies(options) : [] };
  } finally {
    connection.close();
  }
}

/** What cannot be removed must not keep a migrated database from being used: it stays in the list of backups. */
function removeOldCopies({ backupsDir }: MigrateOptions): string[] {
  try {
    return pruneMigrationCopies(backupsDir);
  } catch {
    return [];
  }
}

async function applyPending(connection: Connection, options: MigrateOptions): Promise<string[]> {
  // Inside a transaction this pragma has no effect, and a migration that rebuilds a table drops the old one: with
  // foreign keys on, that would delete what refers to it. They are checked before the commit instead.
  connection.exec("PRAGMA foreign_keys = OFF");
  connection.exec("BEGIN IMMEDIATE");
  try {
    // Loaded only here, as most starts have nothing to migrate.
    const { openSchemaEngine, schemaFilter } = await import("./schema-engine.ts");
    const engine = await openSchemaEngine(connection);
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: migrationList(options.migrationsDir),
      filters: schemaFilter,
    });
    const broken = connection.rows<{ table: string }>("PRAGMA foreign_key_check");
    if (broken[0]) throw new Error(`It would leave rows of ${broken[0].table} that refer to nothing.`);
    connection.exec("COMMIT");
    return appliedMigrationNames;
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    const reason = reasonOf(error);
    throw new Error(`The database ${options.file} could not be migrated and is unchanged: ${reason}`, {
      cause: error,
    });
  }
}

/** The engine's messages end with a trace of its own functions, of which only the migration's name is of use. */
function reasonOf(error: unknown): string {
  const [message = "", ...trace] = (error instanceof Error ? error.message : String(error)).split("\n");
  const name = /migration_name="([^"]+)"/.exec(trace.join("\n"))?.[1];
  return name ? `${message} (in ${name})` : message;
}

function refuseNewer(history: MigrationHistory, options: MigrateOptions): void {
  if (history.unknown.length === 0) return;
  throw new Error(
    `The database ${options.file} was last used by a newer version of LLM Gateway: this one does not know ` +
      `${history.unknown.join(", ")}. Start the newer version again, or stop and put a copy from ` +
      `${options.backupsDir} in its place.`,
  );
}
