/** Copies of the database. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import type { Connection } from "./connection.ts";

/**
 * Writes a complete, consistent copy to `file`, readable by the owner alone. The copy has its name only when it is
 * whole; an existing file is replaced.
 * @throws SqliteError with `code`, as SQLITE_FULL
 */
export function copyDatabase(connection: Connection, file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  rmSync(part, { force: true });
  createPrivateFile(part);
  try {
    // Not as a prepared statement: libsql keeps the file open as long as one exists, even after `close`.
    connection.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Makes the file if it is absent, so that SQLite, which gives its side files the same mode, never opens it to others. */
export function createPrivateFile(file: string): void {
  closeSync(openSync(file, "a", 0o600));
}
