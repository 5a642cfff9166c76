/** Users and keys in memory: everything a request asks about is answered from here. */
import type { StoredKey } from "../data/api-keys.ts";
import type { Account, ApiKey, Caller } from "./types.ts";

export class Directory {
  readonly #accounts = new Map<number, Account>();
  readonly #callersByHash = new Map<string, Caller>();
  readonly #keys = new Map<number, ApiKey>();
  readonly #keysByUser = new Map<number, ApiKey[]>();

  /** Whose key has this hash, or null where it is unknown, revoked or expired. */
  find(hash: string): Caller | null {
    const caller = this.#callersByHash.get(hash);
    if (!caller || caller.key.revokedAtMs !== null) return null;
    if (caller.key.expiresAtMs !== null && caller.key.expiresAtMs <= Date.now()) return null;
    return caller;
  }

  account(id: number): Account | undefined {
    return this.#accounts.get(id);
  }

  key(id: number): ApiKey | undefined {
    return this.#keys.get(id);
  }

  list(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  keysOf(userId: number): readonly ApiKey[] {
    return this.#keysByUser.get(userId) ?? [];
  }

  /**
   * Adds a user, or brings the one object that everybody holds up to date.
   * @param stored as the database has it; the balance of a known user is left alone, as it may be ahead of the database
   */
  putAccount(stored: Account): Account {
    const known = this.#accounts.get(stored.id);
    if (known) return Object.assign(known, { ...stored, balanceNanos: known.balanceNanos });
    this.#accounts.set(stored.id, stored);
    return stored;
  }

  /** Forgets a user and the keys. */
  remove(userId: number): void {
    for (const { id } of this.keysOf(userId)) this.#keys.delete(id);
    for (const [hash, { account }] of this.#callersByHash)
      if (account.id === userId) this.#callersByHash.delete(hash);
    this.#keysByUser.delete(userId);
    this.#accounts.delete(userId);
  }

  /** Adds a key of a known user, or brings it up to date. */
  putKey({ key: stored, hash }: StoredKey): ApiKey {
    const known = this.#keys.get(stored.id);
    if (known) return Object.assign(known, stored);
    const account = this.#accounts.get(stored.userId);
    if (!account) throw new Error(`Key ${stored.id} belongs to no user.`);
    this.#keys.set(stored.id, stored);
    this.#callersByHash.set(hash, { account, key: stored });
    const siblings = this.#keysByUser.get(stored.userId);
    if (siblings) siblings.push(stored);
    else this.#keysByUser.set(stored.userId, [stored]);
    return stored;
  }
}
