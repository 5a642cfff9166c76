/**
 * Prisma on one libsql connection that it shares with our own statements. Prisma's adapter for libsql opens a
 * connection for each transaction and resets its pragmas; here a transaction holds the connection's lock from BEGIN to
 * COMMIT or ROLLBACK instead, so that no statement from elsewhere can become a part of it.
 */
import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
  type Transaction,
} from "@prisma/driver-adapter-utils";
import { FifoLock } from "../../lib/fifo-lock.ts";
import { Connection } from "./connection.ts";
import { execute, queryRows, translated } from "./prisma-statements.ts";

const adapterName = "llm-gateway-libsql";

/** Gives Prisma the connection. It stays ours: Prisma's `$disconnect` does not close it. */
export class SharedConnectionAdapter implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = "sqlite";
  readonly adapterName = adapterName;

  constructor(
    private readonly connection: Connection,
    private readonly lock: FifoLock,
  ) {}

  async connect(): Promise<SqlDriverAdapter> {
    return new Adapter(this.connection, this.lock);
  }

  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    return new Adapter(new Connection(":memory:"), new FifoLock());
  }
}

/** What Prisma sends outside a transaction: each statement takes its own turn. */
class Adapter implements SqlDriverAdapter {
  readonly provider = "sqlite";
  readonly adapterName = adapterName;

  constructor(
    private readonly connection: Connection,
    private readonly lock: FifoLock,
  ) {}

  queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    return this.lock.run(() => queryRows(this.connection, query));
  }

  executeRaw(query: SqlQuery): Promise<number> {
    return this.lock.run(() => execute(this.connection, query));
  }

  executeScript(script: string): Promise<void> {
    return this.lock.run(() => translated(() => this.connection.exec(script)));
  }

  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    if (isolationLevel && isolationLevel !== "SERIALIZABLE")
      throw new DriverAdapterError({ kind: "InvalidIsolationLevel", level: isolationLevel });
    const release = await this.lock.acquire();
    try {
      // A read transaction that turns into a write fails when somebody else wrote meanwhile: ask for the write at once.
      translated(() => this.connection.exec("BEGIN IMMEDIATE"));
      return new HeldTransaction(this.connection, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async dispose(): Promise<void> {}
}

/** A transaction that owns the lock until it ends, in whatever way. */
class HeldTransaction implements Transaction, SqlQueryable {
  readonly provider = "sqlite";
  readonly adapterName = adapterName;
  /** COMMIT and ROLLBACK come as calls of `commit` and `rollback`, not as statements. */
  readonly options = { usePhantomQuery: true };
  #ended = false;

  constructor(
    private readonly connection: Connection,
    private readonly release: () => void,
  ) {}

  async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    this.#assertOpen();
    return queryRows(this.connection, query);
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    this.#assertOpen();
    return execute(this.connection, query);
  }

  async commit(): Promise<void> {
    try {
      this.#assertOpen();
      translated(() => this.connection.exec("COMMIT"));
    } finally {
      this.#end();
    }
  }

  async rollback(): Promise<void> {
    this.#end();
  }

  async createSavepoint(name: string): Promise<void> {
    this.#savepoint(`SAVEPOINT ${name}`);
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    this.#savepoint(`ROLLBACK TO ${name}`);
  }

  async releaseSavepoint(name: string): Promise<void> {
    this.#savepoint(`RELEASE SAVEPOINT ${name}`);
  }

  #savepoint(sql: string): void {
    this.#assertOpen();
    translated(() => this.connection.exec(sql));
  }

  /** SQLite itself rolls back on some errors (disk full): later statements must not commit one by one. */
  #assertOpen(): void {
    if (this.#ended || !this.connection.inTransaction)
      throw new DriverAdapterError({ kind: "TransactionAlreadyClosed", cause: "It was rolled back." });
  }

  /** Leaves no transaction behind, and gives the connection to the next. Prisma may call it after a failed COMMIT too. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      if (this.connection.inTransaction) this.connection.exec("ROLLBACK");
    } finally {
      this.release();
    }
  }
}
