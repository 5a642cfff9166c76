/** Puts a backup in the place of a data folder's database and configuration, while no gateway runs on it. */
import { lockDataFolder } from "../data-folder-lock.ts";
import { checkParts } from "./check-parts.ts";
import { beginSwap, finishSwap, undoSwap } from "./swap.ts";
import { unpackBackup } from "./unpack.ts";

export interface Restored {
  /** When the backup was made. */
  createdAt: string;
  /** The version of LLM Gateway that made it. */
  version: string;
  users: number;
  ledgerRows: number;
}

/**
 * Restores a backup. Nothing of the data folder changes until the backup has passed every check: what its manifest says
 * of each part, SQLite's integrity check, the ledger, and that this version knows its tables. Models stay as they are.
 * @param archive a file that `POST /admin/api/backup` wrote
 * @throws Error that says what is wrong, with nothing changed: the file, a running gateway, or the disk
 */
export async function restoreBackup(archive: string, dataDir: string): Promise<Restored> {
  const unlock = lockDataFolder(dataDir);
  try {
    const folder = await beginSwap(dataDir);
    const { created_at, version } = await unpackBackup(archive, folder);
    const { users, ledgerRows } = await checkParts(folder);
    await finishSwap(dataDir);
    return { createdAt: created_at, version, users, ledgerRows };
  } catch (error) {
    await undoSwap(dataDir);
    throw error;
  } finally {
    unlock();
  }
}
