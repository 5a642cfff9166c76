/** What queries work with: Prisma and our own SQL on one connection, each statement in its turn. */
import { PrismaClient } from "../../lib/data/generated/client.ts";
import type { QueryContext } from "../../lib/data/query.ts";
import type { FifoLock } from "../../lib/fifo-lock.ts";
import type { Connection } from "./connection.ts";
import { SharedConnectionAdapter } from "./prisma-adapter.ts";

/** An admin's change waits behind settlements for at most moments; a transaction that hangs must not stop them for long. */
const transactionOptions = { maxWait: 10_000, timeout: 5_000 };

/** Prisma loads its query compiler (20 MB) with its first query, not here. */
export function queryContext(connection: Connection, lock: FifoLock): QueryContext {
  const adapter = new SharedConnectionAdapter(connection, lock);
  return {
    prisma: new PrismaClient({ adapter, transactionOptions }),
    rows: (sql, ...parameters) => lock.run(() => connection.rows(sql, ...parameters)),
  };
}
