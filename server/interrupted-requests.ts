/** Requests that were under way when the gateway ended without warning. */
import type { Logger } from "pino";
import type { Database } from "../lib/data/types.ts";
import { isStorageFailure } from "../lib/money/storage-failure.ts";

/**
 * Settles each as it was last noted; to be called before anything else is read or settled.
 * @throws Error that says what to do where nothing can be written: to start without would lose what they cost
 */
export async function settleInterrupted(
  database: Pick<Database, "settleOpenRequests">,
  dataDir: string,
  log: Pick<Logger, "warn">,
): Promise<void> {
  try {
    const requests = await database.settleOpenRequests();
    if (requests > 0) log.warn({ requests }, "Requests that an end without warning left were settled.");
  } catch (error) {
    if (!isStorageFailure(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Requests that an end without warning left cannot be settled: ${reason}. Free some space for ${dataDir}, then start again.`,
      { cause: error },
    );
  }
}
