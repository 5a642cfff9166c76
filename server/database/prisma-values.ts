/** Values between Prisma and SQLite, as the driver adapter interface asks for them. */
import { type ArgType, type ColumnType, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import type { SqlValue } from "./connection.ts";

/** SQLite's declared types as Prisma's migrations write them, and what they hold. */
const declaredTypes: Record<string, ColumnType> = {
  INTEGER: ColumnTypeEnum.Int32,
  INT: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  REAL: ColumnTypeEnum.Double,
  DECIMAL: ColumnTypeEnum.Numeric,
  TEXT: ColumnTypeEnum.Text,
  BLOB: ColumnTypeEnum.Bytes,
  BOOLEAN: ColumnTypeEnum.Boolean,
  DATETIME: ColumnTypeEnum.DateTime,
  JSONB: ColumnTypeEnum.Json,
};

/** A parameter from Prisma, as the connection takes it. */
export function toSqlValue(value: unknown, type: ArgType | undefined): SqlValue {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return textToSqlValue(value, type);
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Date) return isoTime(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`Prisma gave a parameter of an unknown kind: ${typeof value}`);
}

/** Prisma hands over big integers, decimals, times and bytes as text. */
function textToSqlValue(value: string, type: ArgType | undefined): SqlValue {
  switch (type?.scalarType) {
    case "bigint":
      return BigInt(value);
    case "decimal":
      return Number.parseFloat(value);
    case "datetime":
      return isoTime(new Date(value));
    case "bytes":
      return Buffer.from(value, "base64");
    default:
      return value;
  }
}

/** The form that Prisma's own SQLite adapters write, so that times compare as text. */
function isoTime(time: Date): string {
  return time.toISOString().replace("Z", "+00:00");
}

/** The type of a column: the declared one, or for an expression that of its first value that is not null. */
export function columnType(declared: string | null, values: Iterable<unknown>): ColumnType {
  const known = declaredTypes[declared?.toUpperCase() ?? ""];
  if (known !== undefined) return known;
  for (const value of values) {
    if (typeof value === "string") return ColumnTypeEnum.Text;
    if (typeof value === "bigint") return ColumnTypeEnum.Int64;
    if (typeof value === "number") return ColumnTypeEnum.UnknownNumber;
    if (value instanceof Uint8Array) return ColumnTypeEnum.Bytes;
  }
  return ColumnTypeEnum.Int32;
}

/** A value from SQLite, as Prisma takes it for a column of this type. */
export function toPrismaValue(value: unknown, type: ColumnType): unknown {
  if (type === ColumnTypeEnum.DateTime && (typeof value === "bigint" || typeof value === "number"))
    return new Date(Number(value)).toISOString();
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  return value;
}
