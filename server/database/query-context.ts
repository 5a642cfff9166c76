/** What queries work with: Prisma and our own SQL on one connection, each statement in its turn. */
import type { PrismaClient } from "../../lib/data/generated/client.ts";
import type { QueryContext } from "../../lib/data/query.ts";
import type { FifoLock } from "../../lib/fifo-lock.ts";
import type { Connection } from "./connection.ts";

/** An admin's change waits behind settlements for at most moments; a transaction that hangs must not stop them for long. */
const transactionOptions = { maxWait: 10_000, timeout: 5_000 };

export function queryContext(connection: Connection, lock: FifoLock): QueryContext {
  let prisma: Promise<PrismaClient> | undefined;
  return {
    prisma: () => {
      prisma ??= loadPrisma(connection, lock);
      return prisma;
    },
    rows: (sql, ...parameters) => lock.run(() => connection.rows(sql, ...parameters)),
  };
}

/** Not before the first query that needs it: it takes 30 MB, and a tenth of a second of a start. */
async function loadPrisma(connection: Connection, lock: FifoLock): Promise<PrismaClient> {
  const [{ PrismaClient }, { SharedConnectionAdapter }] = await Promise.all([
    import("../../lib/data/generated/client.ts"),
    import("./prisma-adapter.ts"),
  ]);
  return new PrismaClient({ adapter: new SharedConnectionAdapter(connection, lock), transactionOptions });
}
