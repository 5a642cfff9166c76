/** Opens the database: two threads, and one for each copy, behind the interface of lib/data/types.ts. */
import { mkdir } from "node:fs/promises";
import { type QueryCalls, queryGroups } from "../../lib/data/queries.ts";
import { batchAlong, usageRow } from "../../lib/data/settlement-row.ts";
import { type Database, DatabaseError } from "../../lib/data/types.ts";
import { Copier } from "./copier.ts";
import { databasePaths, migrationsDir } from "./paths.ts";
import { ThreadClient } from "./thread-client.ts";

export interface OpenDatabaseOptions {
  /** Holds `gateway.db` and `backups/`; made when absent. */
  dataDir: string;
  log?: { info(details: object, message: string): void };
}

/**
 * Opens `gateway.db`, made or migrated as needed. The thread for reading starts when it is first asked.
 * @throws Error that says what to do, as when the database is of a newer version
 */
export async function openDatabase({ dataDir, log }: OpenDatabaseOptions): Promise<Database> {
  await mkdir(dataDir, { recursive: true });
  const paths = { ...databasePaths(dataDir), migrationsDir };
  const threads = {
    writer: new ThreadClient({ role: "writer", ...paths }),
    reader: new ThreadClient({ role: "reader", ...paths }),
  };
  const copier = new Copier(paths);
  const { migrated } = await threads.writer.start();
  if (migrated.applied.length > 0) log?.info(migrated, "The database was brought to this version.");
  let closed = false;
  const refused = () => Promise.reject(new DatabaseError("The database is closed.", "DATABASE_CLOSED"));
  const call = (thread: keyof typeof threads, name: string, ...input: unknown[]): Promise<unknown> => {
    if (closed) return refused();
    return threads[thread].call(name, ...input);
  };
  return {
    ...queryCalls(call),
    settle: async (batch) => {
      await call("writer", "settle", batch.map(usageRow), batchAlong(batch));
    },
    settleOpenRequests: () => call("writer", "settleOpenRequests") as Promise<number>,
    eraseTraces: () => call("writer", "eraseTraces") as Promise<boolean>,
    backup: (file) => (closed ? refused() : copier.copy(file)),
    close: async () => {
      closed = true;
      await copier.idle();
      await threads.reader.close();
      // Last, as the end of the last connection moves what is in the WAL into the file.
      await threads.writer.close();
    },
  };
}

type Call = (thread: "writer" | "reader", name: string, ...input: unknown[]) => Promise<unknown>;

/** One function for each query, which sends its arguments to its thread. */
function queryCalls(call: Call): QueryCalls {
  const groups = Object.entries(queryGroups).map(([group, queries]) => {
    const calls = Object.entries(queries).map(([name, { thread }]) => {
      return [name, (...input: unknown[]) => call(thread, `${group}.${name}`, ...input)];
    });
    return [group, Object.fromEntries(calls)];
  });
  return Object.fromEntries(groups) as QueryCalls;
}
