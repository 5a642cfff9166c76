/** Takes what was deleted out of the file for good. */
import { statSync } from "node:fs";
import type { Connection } from "./connection.ts";

/**
 * Settlements wait while the file is written anew: about a second for this size (measured: 37 ms a megabyte on two busy
 * cores). A larger one is left to the next start, when nobody waits.
 */
const atOnceBytes = 32_000_000;

/** `PRAGMA user_version` while the file may hold traces (lib/data/deleted-users.ts sets it). */
const traces = 1;

/**
 * Where something was deleted that must leave no trace, writes the file anew: SQLite overwrites deleted rows, but not
 * the copies that it leaves in pages when it moves rows.
 * @param sizeLimitBytes of a file that is left alone
 * @returns false where traces may be left, as the file is too large or the disk is full
 */
export function eraseTraces(connection: Connection, file: string, sizeLimitBytes = atOnceBytes): boolean {
  const [found] = connection.rows<{ user_version: number }>("PRAGMA user_version");
  if (found?.user_version !== traces) return true;
  try {
    if (!emptyWal(connection) || statSync(file).size > sizeLimitBytes) return false;
    // The new file is put together on the disk: in memory it would need as much as it has.
    connection.exec("PRAGMA temp_store = FILE");
    connection.exec("VACUUM");
    if (!emptyWal(connection)) return false;
    connection.exec("PRAGMA user_version = 0");
    return true;
  } catch {
    return false; // The next start tries again.
  } finally {
    connection.exec("PRAGMA temp_store = MEMORY");
  }
}

/** Moves what is in the WAL into the file and cuts it to nothing. @returns false where a reader is in the way */
function emptyWal(connection: Connection): boolean {
  const [result] = connection.rows<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)");
  return result?.busy === 0;
}
