/** The one writer of balances, keys and users: memory that answers at once, and a database that follows. */
import { hashApiKey, isWellFormedApiKey } from "../auth/api-keys.ts";
import type { Database, SettledAlong, SettlementEntry } from "../data/types.ts";
import { FifoLock } from "../fifo-lock.ts";
import { accountChanges, type InTurn } from "./account-changes.ts";
import { accountDeletion } from "./account-deletion.ts";
import { Directory } from "./directory.ts";
import { SettlementQueue } from "./settlement-queue.ts";
import { orUnavailable } from "./storage-failure.ts";
import type { Accounts, Settlement, Tier } from "./types.ts";

export interface CreateAccountsOptions {
  database: Database;
  log?: { info(details: object, message: string): void; error(details: object, message: string): void };
  /** Milliseconds between attempts to write while the storage fails. */
  retryMs?: number;
}

/** Loads every user and key, and takes over. There may be only one for a database. */
export async function createAccounts({ database, log, retryMs }: CreateAccountsOptions): Promise<Accounts> {
  const directory = new Directory();
  for (const account of await database.users.load()) directory.putAccount(account);
  for (const key of await database.apiKeys.load()) directory.putKey(key);

  const queue = new SettlementQueue({
    write: (batch) => database.settle(batch),
    onRefused: ({ settlement, chargeNanos }, error) => {
      credit(settlement.userId, chargeNanos);
      log?.error({ err: error, requestId: settlement.requestId }, "A settlement could not be recorded.");
    },
    onStorage: (ok, error) => {
      if (ok) log?.info({}, "The database can be written again.");
      else log?.error({ err: error }, "The database cannot be written: requests are refused until it can.");
    },
    ...(retryMs !== undefined && { retryMs }),
  });

  const lock = new FifoLock();
  // A new balance becomes a difference to the present one: of two at once, the second must see the first.
  const inTurn: InTurn = (work) => lock.run(() => orUnavailable(work()));

  const credit = (userId: number, nanos: number) => {
    const account = directory.account(userId);
    if (account) account.balanceNanos += nanos;
  };

  /** @throws RangeError for a user or a cost that cannot be */
  const entryOf = (settlement: Settlement, along?: SettledAlong): SettlementEntry => {
    const account = directory.account(settlement.userId);
    const { costNanos } = settlement;
    if (!account) throw new RangeError(`There is no user ${settlement.userId} to charge.`);
    if (!Number.isSafeInteger(costNanos) || costNanos < 0)
      throw new RangeError(`Not a cost in nano-dollars: ${costNanos}`);
    // A hold covers the cost; should it ever not, the balance still does not fall below zero.
    const payableNanos = Math.max(0, Math.min(costNanos, account.balanceNanos));
    return { settlement, chargeNanos: isCharged(account.tier) ? payableNanos : 0, along };
  };

  const settle = (settlement: Settlement, along?: SettledAlong): Promise<void> => {
    try {
      const entry = entryOf(settlement, along);
      credit(settlement.userId, -entry.chargeNanos);
      return queue.add(entry);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  const note = async (settlements: readonly Settlement[]): Promise<void> => {
    try {
      await database.openRequests.note(settlements.map((settlement) => entryOf(settlement)));
    } catch (error) {
      log?.error({ err: error }, "Requests under way could not be noted.");
    }
  };

  return {
    authenticate: (key) => (isWellFormedApiKey(key) ? directory.find(hashApiKey(key)) : null),
    account: (id) => directory.account(id),
    list: () => directory.list(),
    keysOf: (userId) => directory.keysOf(userId),
    storageOk: () => queue.storageOk,
    settlementsWaiting: () => queue.size,
    settle,
    note,
    flush: () => queue.flush(),
    ...accountChanges(database, directory, inTurn),
    ...accountDeletion(database, directory, inTurn, queue),
  };
}

/** What an admin uses is recorded, but costs nothing. */
function isCharged(tier: Tier): boolean {
  return tier !== "admin";
}
