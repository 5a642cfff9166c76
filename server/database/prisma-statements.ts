/** Prisma's statements on a connection. */
import type { SqlQuery, SqlResultSet } from "@prisma/driver-adapter-utils";
import type { Connection } from "./connection.ts";
import { toDriverError } from "./prisma-errors.ts";
import { columnType, toPrismaValue, toSqlValue } from "./prisma-values.ts";

/** Rows of a query, with the types that Prisma needs to read them. @throws DriverAdapterError */
export function queryRows(connection: Connection, query: SqlQuery): SqlResultSet {
  return translated(() => {
    const statement = connection.prepare(query.sql);
    const rows = statement.all(parametersOf(query));
    const columnTypes = statement.columns.map(({ type }, index) =>
      columnType(type, valuesOfColumn(rows, index)),
    );
    return {
      columnNames: statement.columns.map((column) => column.name),
      columnTypes,
      rows: rows.map((row) => columnTypes.map((type, index) => toPrismaValue(row[index], type))),
    };
  });
}

/** Rows changed by a statement. @throws DriverAdapterError */
export function execute(connection: Connection, query: SqlQuery): number {
  return translated(() => connection.prepare(query.sql).run(parametersOf(query)));
}

function parametersOf(query: SqlQuery) {
  return query.args.map((value, index) => toSqlValue(value, query.argTypes[index]));
}

function* valuesOfColumn(rows: readonly unknown[][], index: number): Generator<unknown> {
  for (const row of rows) yield row[index];
}

/** Runs work on a connection, with SQLite's errors in Prisma's terms. */
export function translated<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw toDriverError(error);
  }
}
