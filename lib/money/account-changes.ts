/** What admins change: in the database first, then in memory. One change at a time. */
import { apiKeyPrefix, generateApiKey, hashApiKey } from "../auth/api-keys.ts";
import { adminEmail } from "../data/admin.ts";
import type { NewKeyRow } from "../data/api-keys.ts";
import type { Database } from "../data/types.ts";
import type { Cause } from "../data/users.ts";
import { GatewayError } from "../errors.ts";
import type { Directory } from "./directory.ts";
import { dollarText } from "./nanos.ts";
import type { Account, Accounts, Actor, ApiKey } from "./types.ts";

type Changes = Pick<
  Accounts,
  "createUser" | "updateUser" | "addTransaction" | "createKey" | "revokeKey" | "ensureAdmin"
>;

/** Runs one change after the other. @throws GatewayError 503 where the storage fails */
export type InTurn = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** The part of `Accounts` that admins use. */
export function accountChanges(database: Database, directory: Directory, inTurn: InTurn): Changes {
  return {
    createUser: ({ email, tier, balanceNanos = 0, limits = {}, approval }, actor, reason) =>
      inTurn(async () => {
        const { apiKey, row } = newKey({ name: "First key" });
        const user = { email: email.trim().toLowerCase(), tier, balanceNanos, limits };
        const stored = await database.users.create(user, row, causeOf(actor, reason), approval);
        const account = directory.putAccount(stored.account);
        return { account, apiKey, key: directory.putKey(stored.key) };
      }),

    updateUser: (id, { balanceNanos, ...change }, actor, reason) =>
      inTurn(async () => {
        const account = known(directory.account(id), `user ${id}`);
        const balanceDeltaNanos = balanceNanos === undefined ? 0 : balanceNanos - account.balanceNanos;
        const row = { ...change, ...(balanceDeltaNanos !== 0 && { balanceDeltaNanos }) };
        const stored = await changeBalance(account, balanceDeltaNanos, () =>
          database.users.update(id, row, causeOf(actor, reason)),
        );
        return directory.putAccount(stored);
      }),

    addTransaction: (userId, { kind, amountNanos }, actor, reason) =>
      inTurn(async () => {
        const account = known(directory.account(userId), `user ${userId}`);
        checkNewBalance(account.balanceNanos, amountNanos);
        const change = { balanceDeltaNanos: amountNanos, ledgerKind: kind };
        await changeBalance(account, amountNanos, () =>
          database.users.update(userId, change, causeOf(actor, reason)),
        );
        return account;
      }),

    createKey: (userId, { name = "Key", limits = {}, expiresAtMs = null }, actor) =>
      inTurn(async () => {
        known(directory.account(userId), `user ${userId}`);
        const { apiKey, row } = newKey({ name, limits, expiresAtMs });
        const stored = await database.apiKeys.create(userId, row, causeOf(actor));
        return { key: directory.putKey(stored), apiKey };
      }),

    revokeKey: (id, actor) =>
      inTurn(async () => {
        const key = known(directory.key(id), `key ${id}`);
        const cause = causeOf(actor);
        await database.apiKeys.revoke(id, cause);
        key.revokedAtMs = cause.atMs;
      }),

    ensureAdmin: (adminKey) =>
      inTurn(async () => {
        const hash = hashApiKey(adminKey);
        if (isOnlyAdminKey(directory, hash)) return;
        const row = keyRow(adminKey, { name: "admin_key of the configuration", kind: "config" });
        const stored = await database.admin.ensure(row, causeOf(nobody));
        directory.putAccount(stored.account);
        for (const key of stored.keys) directory.putKey(key);
      }),
  };
}

/** @throws GatewayError 409 where it would fall below zero, or be too large to be exact */
function checkNewBalance(balanceNanos: number, deltaNanos: number): void {
  const newNanos = balanceNanos + deltaNanos;
  if (newNanos >= 0 && Number.isSafeInteger(newNanos)) return;
  const why = newNanos < 0 ? "fall below zero" : "be more than nine million dollars";
  const message = `The balance is ${dollarText(balanceNanos)}: it cannot ${why}.`;
  throw new GatewayError("conflict", message, { param: "amount" });
}

/**
 * Changes a balance in memory and in the database. What is taken away is gone at once, so that nobody spends it meanwhile;
 * what is given is there when it is committed.
 */
async function changeBalance<Value>(
  account: Account,
  deltaNanos: number,
  commit: () => Promise<Value>,
): Promise<Value> {
  const takenNanos = Math.min(0, deltaNanos);
  account.balanceNanos += takenNanos;
  try {
    const value = await commit();
    account.balanceNanos += deltaNanos - takenNanos;
    return value;
  } catch (error) {
    account.balanceNanos -= takenNanos;
    throw error;
  }
}

/** The configuration itself, at start. */
const nobody: Actor = { userId: null, keyId: null, requestId: "" };

export function causeOf(actor: Actor, reason = ""): Cause {
  return { actor, atMs: Date.now(), reason };
}

/** @throws GatewayError 404 */
export function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new GatewayError("not_found", `There is no ${what}.`);
  return value;
}

/** Whether this key already is what `ensureAdmin` would make it. */
function isOnlyAdminKey(directory: Directory, hash: string): boolean {
  const caller = directory.find(hash);
  if (caller?.key.kind !== "config" || !isActiveAdmin(caller.account)) return false;
  return directory.keysOf(caller.account.id).every((key) => key === caller.key || !isValidConfigKey(key));
}

function isActiveAdmin(account: Account): boolean {
  return account.email === adminEmail && account.tier === "admin" && account.active;
}

function isValidConfigKey(key: ApiKey): boolean {
  return key.kind === "config" && key.revokedAtMs === null;
}

type KeyDetails = Partial<Pick<NewKeyRow, "name" | "kind" | "limits" | "expiresAtMs">>;

function newKey(details: KeyDetails): { apiKey: string; row: NewKeyRow } {
  const apiKey = generateApiKey();
  return { apiKey, row: keyRow(apiKey, details) };
}

function keyRow(
  apiKey: string,
  { name = "", kind = "user", limits = {}, expiresAtMs = null }: KeyDetails,
): NewKeyRow {
  return { name, kind, limits, expiresAtMs, prefix: apiKeyPrefix(apiKey), hash: hashApiKey(apiKey) };
}
