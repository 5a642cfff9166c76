/** The database as the rest of the program sees it: the only way to the file. server/database implements it. */
import type { Settlement } from "../money/types.ts";
import type { QueryCalls } from "./queries.ts";

/** A settlement and what it takes from the balance. */
export interface SettlementEntry {
  settlement: Settlement;
  /** Nano-dollars: the cost, or 0 in a tier that is not charged. */
  chargeNanos: number;
  /** Committed with it. */
  along?: SettledAlong | undefined;
}

/** What a settlement changes besides. */
export interface SettledAlong {
  /** It was noted as under way (table `open_requests`), which is over now. */
  wasNoted: boolean;
  /** The answer, where it is kept for the same request to come again. */
  answer: KeptAnswer | null;
}

/** A row of `idempotent_answers`. */
export interface KeptAnswer {
  keyId: number;
  /** SHA-256 of the name that the client gave to its request. */
  nameHash: Uint8Array;
  /** SHA-256 of path and body. */
  requestHash: Uint8Array;
  contentType: string;
  /** gzip */
  body: Uint8Array;
  createdAtMs: number;
}

/**
 * Queries by table, each a call into a database thread.
 * A failed call rejects with a GatewayError that the query threw, or else with a DatabaseError.
 */
export interface Database extends QueryCalls {
  /**
   * Commits usage rows, ledger rows, balances and daily sums of a batch: all of it or nothing. A request that is
   * already recorded is left out, so that a batch whose outcome is unknown can be repeated.
   */
  settle(batch: readonly SettlementEntry[]): Promise<void>;
  /**
   * Settles the requests that were under way when the gateway ended without warning, as they were last noted.
   * @returns how many; to be called before anything is read or settled
   */
  settleOpenRequests(): Promise<number>;
  /**
   * Takes what a deleted user left in free parts of the file out of it, for which settlements wait a moment.
   * @returns false where that has to wait for the next start, as the file is large
   */
  eraseTraces(): Promise<boolean>;
  /** Writes a complete copy while everything goes on, after those that were asked for before. */
  backup(file: string): Promise<void>;
  /** Waits for the calls under way, then closes the file and ends the threads. */
  close(): Promise<void>;
}

/** SQLite refused, or the thread is gone. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";

  constructor(
    message: string,
    /** SQLite's code, as SQLITE_FULL; Prisma's, as P2025; or DATABASE_CLOSED. */
    readonly code: string,
  ) {
    super(message);
  }
}
