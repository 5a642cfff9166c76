/**
 * A database thread: the writer, which alone changes the file, the reader, or one that makes a copy. libsql is
 * synchronous, so a query stops the thread that it runs in: a long one must not stop settlements, nor a copy any query.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { queryGroups } from "../../lib/data/queries.ts";
import type { QueryContext } from "../../lib/data/query.ts";
import type { BatchAlong, UsageRow } from "../../lib/data/settlement-row.ts";
import { FifoLock } from "../../lib/fifo-lock.ts";
import { copyDatabase } from "./backup.ts";
import { Connection } from "./connection.ts";
import { DailySums } from "./daily-sums.ts";
import { eraseTraces } from "./erase.ts";
import { migrate, nothingMigrated } from "./migrate.ts";
import { settleOpenRequests } from "./open-requests.ts";
import { type CallMessage, type ThreadMessage, type ThreadOptions, toWireError } from "./protocol.ts";
import { queryContext } from "./query-context.ts";
import { settlementWriter } from "./settlement-writer.ts";

type Handler = (...input: never[]) => unknown;

/** What this thread can be called for. */
function handlersOf(options: ThreadOptions, connection: Connection, lock: FifoLock): Map<string, Handler> {
  const sums = new DailySums(connection, lock);
  const handlers = new Map<string, Handler>();
  if (options.role === "copier") handlers.set("copy", (file: string) => copyDatabase(connection, file));
  const context: QueryContext = queryContext(connection, lock);
  for (const [group, queries] of Object.entries(queryGroups)) {
    for (const [name, { thread, run }] of Object.entries(queries)) {
      if (thread === options.role) handlers.set(`${group}.${name}`, run.bind(null, context) as Handler);
    }
  }
  if (options.role === "writer") {
    const write = settlementWriter(connection);
    handlers.set("settle", async (rows: UsageRow[], along: BatchAlong | null) => {
      await lock.run(() => write(rows, along));
      sums.added(rows.length);
    });
    handlers.set("settleOpenRequests", () => lock.run(() => settleOpenRequests(connection, write)));
    handlers.set("eraseTraces", () => lock.run(() => eraseTraces(connection, options.file)));
  }
  handlers.set("close", () => {
    sums.stop();
    connection.close();
    // After the answer, which this call's return sends.
    setImmediate(() => parentPort?.close());
  });
  return handlers;
}

/** Answers calls until `close`. */
function serve(port: MessagePort, handlers: Map<string, Handler>): void {
  const send = (message: ThreadMessage) => port.postMessage(message);
  port.on("message", async ({ id, name, input }: CallMessage) => {
    try {
      const handler = handlers.get(name);
      if (!handler) throw new Error(`The database thread knows no call ${name}.`);
      send({ kind: "result", id, value: await handler(...(input as never[])) });
    } catch (error) {
      send({ kind: "error", id, error: toWireError(error) });
    }
  });
}

async function main(): Promise<void> {
  if (!parentPort) throw new Error("This is a worker thread's entry point.");
  const options = workerData as ThreadOptions;
  try {
    const migrated = options.role === "writer" ? await migrate(options) : nothingMigrated;
    const connection = new Connection(options.file, { readOnly: options.role === "reader" });
    if (options.role === "writer") eraseTraces(connection, options.file, Number.POSITIVE_INFINITY);
    serve(parentPort, handlersOf(options, connection, new FifoLock()));
    parentPort.postMessage({ kind: "ready", migrated } satisfies ThreadMessage);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort.postMessage({ kind: "failed", message } satisfies ThreadMessage);
    parentPort.close();
  }
}

await main();
