/** What crosses between the main thread and a database thread. */
import { z } from "zod";
import { DatabaseError } from "../../lib/data/types.ts";
import { type ErrorCode, type ErrorOptions, GatewayError, isGatewayError } from "../../lib/errors.ts";
import type { MigrateResult } from "./migrate.ts";

/** Given to a thread when it starts. */
export interface ThreadOptions {
  role: "writer" | "reader";
  file: string;
  backupsDir: string;
  migrationsDir: string;
}

/** A call: `name` is `settle`, `backup`, `close`, or a query as `users.create`. */
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

/** An error of the adapter, which has SQLite's code: P codes do not tell a full disk from a mistake. */
const adapterError = z.object({ cause: z.object({ originalCode: z.string() }) });

/** An error of Prisma, which carries the adapter's. */
const prismaError = z.object({ meta: z.object({ driverAdapterError: adapterError }) });

function codeOf(error: unknown): string {
  const prisma = prismaError.safeParse(error);
  const adapter = adapterError.safeParse(prisma.success ? prisma.data.meta.driverAdapterError : error);
  if (adapter.success) return adapter.data.cause.originalCode;
  const own = z.object({ code: z.string() }).safeParse(error);
  return own.success ? own.data.code : "UNKNOWN";
}
