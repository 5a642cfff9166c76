/** The backups in `backups/` of the data folder. */
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Backup, Backups } from "../../lib/backup/types.ts";
import type { Database } from "../../lib/data/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import { isMigrationCopy } from "../database/migration-copies.ts";
import { databasePaths } from "../database/paths.ts";
import { writeArchive } from "./write-archive.ts";

/** Two weeks of daily ones. Each holds all keys and addresses of its time, so there should not be many. */
const keptCount = 14;

/** With milliseconds, so that two of one second have names of their own. */
const namePattern = /^gateway-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.tar\.gz$/;

/** SQLite reports a quota or a limit on file sizes as an I/O error. */
const fullDiskCodes = /^(ENOSPC|EDQUOT|EFBIG|SQLITE_FULL|SQLITE_IOERR\w*)$/;

export interface FileBackupsOptions {
  database: Pick<Database, "backup">;
  dataDir: string;
}

export function createBackups({ database, dataDir }: FileBackupsOptions): Backups {
  const { backupsDir } = databasePaths(dataDir);
  let isWriting = false;

  const list = async (): Promise<Backup[]> => {
    const names = await readdir(backupsDir).catch(() => []);
    return (await Promise.all(names.map((name) => backupOf(backupsDir, name))))
      .filter((one) => one !== null)
      .toSorted((one, other) => other.createdAtMs - one.createdAtMs);
  };

  const find = async (name: string): Promise<Backup> => {
    const found = await backupOf(backupsDir, name);
    if (found) return found;
    throw new GatewayError("not_found", `There is no backup ${JSON.stringify(name)}.`);
  };

  const create = async (): Promise<Backup> => {
    if (isWriting) throw new GatewayError("conflict", "A backup is being written. Wait for it to end.");
    isWriting = true;
    try {
      const name = nameAt(Date.now());
      await writeBackup(path.join(backupsDir, name), dataDir, database);
      const written = (await list()).filter(({ kind }) => kind === "backup");
      for (const old of written.slice(keptCount)) await rm(old.path, { force: true });
      return await find(name);
    } finally {
      isWriting = false;
    }
  };

  return {
    create,
    list,
    find,
    remove: async (name) => rm((await find(name)).path),
  };
}

/** The file has its name when it is whole. What is unfinished goes, whatever happens. */
async function writeBackup(file: string, dataDir: string, database: Pick<Database, "backup">): Promise<void> {
  const folder = path.join(path.dirname(file), ".unfinished");
  const archive = path.join(folder, path.basename(file));
  const parts = {
    "config.json": path.join(folder, "config.json"),
    "gateway.db": path.join(folder, "gateway.db"),
  };
  try {
    await rm(folder, { recursive: true, force: true }); // A crash may have left one.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(path.join(dataDir, "config.json"), parts["config.json"]);
    await database.backup(parts["gateway.db"]);
    await writeArchive(archive, parts, Date.now());
    await rename(archive, file);
  } catch (error) {
    throw new GatewayError("storage_unavailable", `The backup could not be written: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For the admin. Only what may come from a lack of room says so. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!fullDiskCodes.test(code)) return message;
  return `${message}. Is the disk full? It needs about twice the size of the database for a moment.`;
}

function nameAt(nowMs: number): string {
  return `gateway-${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, "")}.tar.gz`;
}

/** Null where there is no such file, or it is none of ours. */
async function backupOf(folder: string, name: string): Promise<Backup | null> {
  const kind = kindOf(name);
  if (kind === null) return null;
  const file = path.join(folder, name);
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) return null;
  // The name of a copy from before a migration has the migration's date.
  const createdAtMs =
    kind === "backup"
      ? Date.parse(name.replace(namePattern, "$1-$2-$3T$4:$5:$6.$7Z"))
      : found.mtime.getTime();
  return { kind, name, path: file, sizeBytes: found.size, createdAtMs };
}

function kindOf(name: string): Backup["kind"] | null {
  if (namePattern.test(name)) return "backup";
  return isMigrationCopy(name) ? "before_migration" : null;
}
