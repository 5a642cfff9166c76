/**
 * How a query is written. Queries run inside a database thread; the main thread loads their modules too, but only to
 * learn their names and threads: import Prisma's generated code with `import type` alone.
 */
import type { PrismaClient } from "./generated/client.ts";

/** A value that SQLite can hold. Booleans are 0 and 1. */
export type SqlParameter = string | number | bigint | Buffer | null;

/** What a query works with. */
export interface QueryContext {
  /** For what changes rows or reads a few. */
  prisma(): Promise<PrismaClient>;
  /** Rows of a statement of our own, for what reads many: about ten times as fast. Integers come as numbers. */
  rows<Row>(sql: string, ...parameters: SqlParameter[]): Promise<Row[]>;
}

/** What a query inside a transaction works with: Prisma's `$transaction((transaction) => ...)`. */
export type Transaction = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** A query and the thread it runs in. Arguments and result are copied between threads: plain data only. */
export interface Query<Arguments extends unknown[], Result> {
  thread: "writer" | "reader";
  run(context: QueryContext, ...input: Arguments): Promise<Result>;
}

type Run<Arguments extends unknown[], Result> = Query<Arguments, Result>["run"];

/** A query that writes, or that must not wait for a long read. It delays settlements as long as it runs. */
export function onWriter<Arguments extends unknown[], Result>(
  run: Run<Arguments, Result>,
): Query<Arguments, Result> {
  return { thread: "writer", run };
}

/** A query that only reads, as for a page or a chart. It sees everything committed before it starts. */
export function onReader<Arguments extends unknown[], Result>(
  run: Run<Arguments, Result>,
): Query<Arguments, Result> {
  return { thread: "reader", run };
}

/** A query as callers see it. */
export type QueryCall<Value> =
  Value extends Query<infer Arguments, infer Result> ? (...input: Arguments) => Promise<Result> : never;
