/** A real database for tests, in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Database } from "../../../lib/data/types.ts";
import { openDatabase } from "../client.ts";
import { Connection } from "../connection.ts";
import { databasePaths } from "../paths.ts";

export interface TestDatabase {
  database: Database;
  /** The folder that stands for `data/`. */
  dataDir: string;
  /** Rows by a connection beside the gateway's own, as an operator's tool would see them. */
  inspect<Row>(sql: string): Row[];
  /** Closes the database and removes the folder. */
  remove(): Promise<void>;
}

/** Opens an empty database. Call `remove` when the test ends. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-database-"));
  const database = await openDatabase({ dataDir });
  return {
    database,
    dataDir,
    inspect: (sql) => inspect(databasePaths(dataDir).file, sql),
    remove: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Rows of a database file. */
export function inspect<Row>(file: string, sql: string): Row[] {
  const connection = new Connection(file, { readOnly: true });
  try {
    return connection.rows<Row>(sql);
  } finally {
    connection.close();
  }
}
