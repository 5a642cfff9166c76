/** Users and keys as admins see and change them. */

import type { z } from "zod";
import type { LedgerEntry } from "../data/ledger.ts";
import { GatewayError } from "../errors.ts";
import { dollarsFromNanos, nanosFromDollars } from "../money/nanos.ts";
import type { Account, Accounts, ApiKey, Caller, UserChange } from "../money/types.ts";
import type { UserList, UsersQuery } from "./schemas/people.ts";
import type { changeUser, KeyReply, TransactionReply, UserReply, UserWithKeysReply } from "./schemas.ts";

export function userReply(account: Account): UserReply {
  return {
    id: account.id,
    email: account.email,
    tier: account.tier,
    balance: dollarsFromNanos(account.balanceNanos),
    active: account.active,
    limits: account.limits,
    created_at: isoTime(account.createdAtMs),
  };
}

/** A user with the keys that are still good; the portal's own short-lived keys are left out. */
export function userWithKeys(account: Account, accounts: Accounts): UserWithKeysReply {
  const nowMs = Date.now();
  return {
    ...userReply(account),
    api_keys: accounts
      .keysOf(account.id)
      .filter((key) => key.kind !== "portal" && isGood(key, nowMs))
      .map(keyReply),
  };
}

/** A page of the users whose address has a text in it, by id. */
export function listUsers(accounts: Accounts, { search = "", after = 0, limit }: UsersQuery): UserList {
  const wanted = search.toLowerCase();
  const found = accounts.list().filter(({ email }) => email.includes(wanted));
  const rest = found.filter(({ id }) => id > after);
  return {
    data: rest.slice(0, limit).map((account) => userWithKeys(account, accounts)),
    total: found.length,
    has_more: rest.length > limit,
  };
}

/** @throws GatewayError 404 */
export function knownAccount(accounts: Accounts, id: number): Account {
  const account = accounts.account(id);
  if (account) return account;
  throw new GatewayError("not_found", `There is no user ${id}.`);
}

function keyReply(key: ApiKey): KeyReply {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    limits: key.limits,
    created_at: isoTime(key.createdAtMs),
    expires_at: key.expiresAtMs === null ? null : isoTime(key.expiresAtMs),
  };
}

function isGood({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs);
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export function transactionReply(entry: LedgerEntry): TransactionReply {
  return {
    id: entry.id,
    kind: entry.kind,
    amount: dollarsFromNanos(entry.amountNanos),
    reason: entry.reason,
    request_id: entry.requestId,
    actor_user_id: entry.actorUserId,
    at: isoTime(entry.atMs),
  };
}

/** A change as `Accounts` takes it. */
export function userChange({ balance, tier, active, limits }: z.infer<typeof changeUser>): UserChange {
  const change: UserChange = { tier, active, limits };
  if (balance !== undefined) change.balanceNanos = nanosFromDollars(balance);
  return withoutAbsent(change);
}

function withoutAbsent(change: UserChange): UserChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/**
 * Admins cannot lock themselves out.
 * @throws GatewayError 409
 */
export function refuseOwnEnd(caller: Caller, userId: number, { active, tier }: UserChange): void {
  if (userId !== caller.account.id) return;
  if (active !== false && (tier === undefined || tier === "admin")) return;
  throw new GatewayError("conflict", "You cannot disable or demote the account that you are using.");
}

/** @throws GatewayError 409 for the key that the request was made with */
export function refuseOwnKey(caller: Caller, keyId: number): void {
  if (keyId !== caller.key.id) return;
  throw new GatewayError("conflict", "You cannot revoke the key that you are using.");
}

/**
 * A deletion cannot be undone, so whom it is about has to be said twice.
 * @throws GatewayError 400, or 409 for the own account
 */
export function checkDeletion(caller: Caller, account: Account, confirm: string): void {
  if (account.id === caller.account.id)
    throw new GatewayError("conflict", "You cannot delete the account that you are using.");
  if (confirm.trim().toLowerCase() === account.email) return;
  throw new GatewayError(
    "invalid_request",
    `To delete user ${account.id}, send the user's address as \`confirm\`.`,
    {
      param: "confirm",
    },
  );
}
