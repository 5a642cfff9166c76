/** SQLite's errors in the terms of Prisma's driver adapter interface, from which Prisma makes its P codes. */
import { DriverAdapterError, type MappedError } from "@prisma/driver-adapter-utils";
import { z } from "zod";

const sqliteError = z.object({ code: z.string(), message: z.string(), rawCode: z.number().optional() });

/** The error to throw from an adapter: SQLite's own are translated, anything else is passed on as it is. */
export function toDriverError(error: unknown): unknown {
  const parsed = sqliteError.safeParse(error);
  if (!parsed.success) return error;
  const { code, message, rawCode } = parsed.data;
  return new DriverAdapterError({
    originalCode: code,
    originalMessage: message,
    ...mapped(code, message, rawCode ?? 1),
  });
}

function mapped(code: string, message: string, rawCode: number): MappedError {
  switch (code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
      return { kind: "UniqueConstraintViolation", constraint: { fields: failedColumns(message) } };
    case "SQLITE_CONSTRAINT_NOTNULL":
      return { kind: "NullConstraintViolation", constraint: { fields: failedColumns(message) } };
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
    case "SQLITE_CONSTRAINT_TRIGGER":
      return { kind: "ForeignKeyConstraintViolation", constraint: { foreignKey: {} } };
    case "SQLITE_BUSY":
    case "SQLITE_BUSY_SNAPSHOT":
      return { kind: "SocketTimeout" };
  }
  const table = /^no such table: (?:main\.)?(.+)$/.exec(message)?.[1];
  if (table) return { kind: "TableDoesNotExist", table };
  const column = /^no such column: (.+)$/.exec(message)?.[1];
  if (column) return { kind: "ColumnNotFound", column };
  return { kind: "sqlite", extendedCode: rawCode, message };
}

/** `UNIQUE constraint failed: users.email, users.tier` names the columns email and tier. */
function failedColumns(message: string): string[] {
  const list = message.split("constraint failed: ")[1] ?? "";
  return list.split(", ").map((name) => name.slice(name.lastIndexOf(".") + 1));
}
