/** Whether a failed write says something about the disk or about what was written. */
import { DatabaseError } from "../data/types.ts";
import { GatewayError } from "../errors.ts";

/** SQLite's codes for content that it will never take, and UNKNOWN for an exception of our own. */
const contentCodes = /^(SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)|P\d{4}|UNKNOWN)/;

/** True where writing the same again can succeed: a full disk, an I/O error, a locked file, a thread that died. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof DatabaseError && !contentCodes.test(error.code);
}

/**
 * The result of a change that somebody waits for.
 * @throws GatewayError 503 where the storage failed; any other error as it is
 */
export async function orUnavailable<Value>(change: Promise<Value>): Promise<Value> {
  try {
    return await change;
  } catch (error) {
    if (!isStorageFailure(error)) throw error;
    throw new GatewayError("storage_unavailable", "Nothing can be written at the moment: is the disk full?", {
      cause: error,
    });
  }
}
