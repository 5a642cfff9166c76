/** Whether what a backup holds can be run. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkDocument, parseDocument, slotPortsOf } from "../../lib/config/document.ts";
import { Connection } from "../database/connection.ts";
import { readHistory } from "../database/migration-history.ts";
import { migrationsDir } from "../database/paths.ts";
import { verifyLedger } from "../database/verify-ledger.ts";

export interface CheckedParts {
  users: number;
  ledgerRows: number;
}

/** Differences that a message names; more say no more. */
const toldDifferences = 5;

/**
 * Checks configuration and database in a folder.
 * @throws Error that says what is wrong
 */
export async function checkParts(folder: string): Promise<CheckedParts> {
  await checkConfig(path.join(folder, "config.json"));
  return checkDatabase(path.join(folder, "gateway.db"));
}

async function checkConfig(file: string): Promise<void> {
  try {
    const document = parseDocument(await readFile(file, "utf8"));
    // Ports are only counted up from here where the file names fewer than seven.
    checkDocument(document, { slotPorts: slotPortsOf(document, 1024), adminKey: undefined });
  } catch (error) {
    throw new Error(`Its config.json is wrong. ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function checkDatabase(file: string): CheckedParts {
  let connection: Connection | undefined;
  try {
    connection = new Connection(file);
    return checkContent(connection);
  } catch (error) {
    // SQLite's errors have codes, and ours have none.
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new Error(`Its database cannot be read: ${error.message}`, { cause: error });
  } finally {
    connection?.close();
  }
}

function checkContent(connection: Connection): CheckedParts {
  const faults = connection
    .rows<{ integrity_check: string }>("PRAGMA integrity_check")
    .map((row) => row.integrity_check)
    .filter((fault) => fault !== "ok");
  if (faults.length > 0)
    throw new Error(`Its database is damaged: ${faults.slice(0, toldDifferences).join("; ")}`);
  const { unknown, applied } = readHistory(connection, migrationsDir);
  if (unknown.length > 0)
    throw new Error(
      `It is of a newer version of LLM Gateway: this one does not know ${unknown.join(", ")}. Restore it with that version.`,
    );
  if (applied.length === 0) throw new Error("Its database is none of LLM Gateway.");
  const { users, ledgerRows, differences } = verifyLedger(connection);
  if (differences.length > 0)
    throw new Error(`Its ledger does not add up: ${differences.slice(0, toldDifferences).join(" ")}`);
  return { users, ledgerRows };
}
