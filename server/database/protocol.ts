/** What crosses between the main thread and a database thread. */
import { DatabaseError } from "../../lib/data/types.ts";
import { type ErrorCode, type ErrorOptions, GatewayError, isGatewayError } from "../../lib/errors.ts";
import type { MigrateResult } from "./migrate.ts";

/** Given to a thread when it starts. */
export interface ThreadOptions {
  /** A copier makes one copy, and is closed. */
  role: "writer" | "reader" | "copier";
  file: string;
  backupsDir: string;
  migrationsDir: string;
}

/** A call: `name` is `settle`, `copy`, `close`, or a query as `users.create`. */
export interface CallMessage {
  id: number;
  name: string;
  input: unknown[];
}

/** From a thread: first one `ready` or `failed`, then an answer to each call. */
export type ThreadMessage =
  | { kind: "ready"; migrated: MigrateResult }
  | { kind: "failed"; message: string }
  | AnswerMessage;

export type AnswerMessage =
  | { kind: "result"; id: number; value: unknown }
  | { kind: "error"; id: number; error: WireError };

/** An error without its class and its stack, which do not survive the copy between threads. */
type WireError =
  | { kind: "gateway"; code: ErrorCode; message: string; options: Omit<ErrorOptions, "cause"> }
  | { kind: "database"; code: string; message: string };

/** An error as it is sent. */
export function toWireError(error: unknown): WireError {
  if (isGatewayError(error)) {
    const { cause: _, ...options } = error.options;
    return { kind: "gateway", code: error.code, message: error.message, options };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "database", code: codeOf(error), message };
}

/** An error as it was thrown in the thread. */
export function fromWireError(error: WireError): GatewayError | DatabaseError {
  if (error.kind === "gateway") return new GatewayError(error.code, error.message, error.options);
  return new DatabaseError(error.message, error.code);
}

/** SQLite's own code where Prisma wraps it (in `meta`, or as the adapter threw it): P codes do not tell a full disk. */
function codeOf(error: unknown): string {
  const adapterError = property(property(error, "meta"), "driverAdapterError") ?? error;
  const code = property(property(adapterError, "cause"), "originalCode") ?? property(error, "code");
  return typeof code === "string" ? code : "UNKNOWN";
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
