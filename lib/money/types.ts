/** Accounts, keys and settlements as the request path sees them. Money is an integer number of nano-dollars. */
import type { SettledAlong } from "../data/types.ts";
import type { SignupApproval } from "../data/users.ts";

export const tiers = ["payg", "sub", "admin"] as const;
export type Tier = (typeof tiers)[number];

/** Limits of a user or of one key; null or absent: no limit of its own. */
export interface Limits {
  requests_per_minute?: number | null;
  tokens_per_minute?: number | null;
  concurrency?: number | null;
  /** Dollars a calendar month. */
  monthly_budget?: number | null;
  /** Ids or aliases; null: all. */
  models?: string[] | null;
}

/** A user, live: one object per user for the whole process, changed in place by `Accounts` alone. */
export interface Account {
  readonly id: number;
  email: string;
  tier: Tier;
  active: boolean;
  /** Nano-dollars. Always a safe integer: at most about nine million dollars. */
  balanceNanos: number;
  limits: Limits;
  sessionVersion: number;
  readonly createdAtMs: number;
}

/** An API key, live. The key itself is not kept: only its SHA-256 is known. */
export interface ApiKey {
  readonly id: number;
  readonly userId: number;
  name: string;
  /** The first 8 characters, to recognise it by. */
  readonly prefix: string;
  readonly kind: "user" | "portal" | "config";
  limits: Limits;
  expiresAtMs: number | null;
  revokedAtMs: number | null;
  readonly createdAtMs: number;
}

/** Who is asking. */
export interface Caller {
  account: Account;
  key: ApiKey;
}

/** How a request ended. */
export type Outcome =
  | "ok"
  | "client_left"
  | "engine_failed"
  | "refused"
  | "error"
  /** The gateway itself ended without warning; the row is what was noted last. */
  | "interrupted";

/** One request's final account: the usage row, and the charge that is committed with it. */
export interface Settlement {
  requestId: string;
  userId: number;
  keyId: number;
  /** As `chat.completions`. */
  endpoint: string;
  model: string;
  slotPort: number | null;
  outcome: Outcome;
  httpStatus: number;
  streamed: boolean;
  /** The engine gave no counts: these are the gateway's own estimate. */
  estimated: boolean;
  promptTokens: number;
  /** Part of `promptTokens` that the engine had in its cache. */
  cachedTokens: number;
  completionTokens: number;
  /** Parts of `promptTokens` that stand for images and for sound, where the engine tells. */
  imageTokens: number;
  audioTokens: number;
  /** Length of the sound that was transcribed. */
  audioMs: number;
  costNanos: number;
  startedAtMs: number;
  queueMs: number;
  firstTokenMs: number | null;
  durationMs: number;
}

export interface NewUser {
  email: string;
  tier: Tier;
  balanceNanos?: number;
  limits?: Limits;
  /** The sign-up that the user comes from: it is approved in the same transaction. */
  approval?: SignupApproval;
}

export interface UserChange {
  tier?: Tier;
  active?: boolean;
  limits?: Limits;
  /** The new balance; the difference becomes a ledger row. */
  balanceNanos?: number;
  /** The request for another tier that this grants: it is approved in the same transaction. */
  signupId?: number;
}

/** A ledger row's cause. */
export type LedgerKind = "charge" | "top_up" | "correction" | "refund";

/** A change of a balance that an admin makes by an amount. */
export interface BalanceTransaction {
  kind: Exclude<LedgerKind, "charge">;
  /** Negative only for a correction. */
  amountNanos: number;
}

/** Who did an admin action, for the audit log and the ledger. */
export interface Actor {
  userId: number | null;
  keyId: number | null;
  requestId: string;
}

/** The one writer of balances, keys and users. Reads are synchronous: everything a request needs is in memory. */
export interface Accounts {
  /** The caller behind a presented key, or null: unknown, revoked or expired. Constant time in the key. */
  authenticate(presentedKey: string): Caller | null;
  account(id: number): Account | undefined;
  list(): readonly Account[];
  keysOf(userId: number): readonly ApiKey[];
  /** False while settlements cannot be written (disk full): admission answers `storage_unavailable`. */
  storageOk(): boolean;
  /** How many settlements are not yet on disk. */
  settlementsWaiting(): number;
  /**
   * Debits the balance at once and resolves when charge, usage row and ledger row are committed. Where the storage
   * refuses to write, it resolves as soon as that is known: the settlement stays queued and is written when it can be.
   */
  settle(settlement: Settlement, along?: SettledAlong): Promise<void>;
  /** Writes down what requests under way would cost if they ended now. What cannot be written is left out. */
  note(settlements: readonly Settlement[]): Promise<void>;
  /** @throws GatewayError 409 when the address is taken; 404, 409 where the sign-up is not pending */
  createUser(
    user: NewUser,
    actor: Actor,
    reason: string,
  ): Promise<{ account: Account; apiKey: string; key: ApiKey }>;
  /** @throws GatewayError 404; 409 where the sign-up is not pending */
  updateUser(id: number, change: UserChange, actor: Actor, reason: string): Promise<Account>;
  /** Changes a balance by an amount. @throws GatewayError 404; 409 when it would fall below zero */
  addTransaction(
    userId: number,
    transaction: BalanceTransaction,
    actor: Actor,
    reason: string,
  ): Promise<Account>;
  /** The key is returned once and never again. @throws GatewayError 404 */
  createKey(
    userId: number,
    key: { name?: string; limits?: Limits; expiresAtMs?: number | null },
    actor: Actor,
  ): Promise<{ key: ApiKey; apiKey: string }>;
  /** @throws GatewayError 404 */
  revokeKey(id: number, actor: Actor): Promise<void>;
  /**
   * Removes what names a user, for good. Keys end at once; the balance is written off.
   * @param isBusy whether requests of the user are under way
   * @returns false where traces may be left in free parts of the database file until the next start
   * @throws GatewayError 404; 409 while they are, and for the last admin and the one of the configuration; 503
   */
  deleteUser(id: number, isBusy: () => boolean, actor: Actor): Promise<boolean>;
  /** Makes the admin and its key from the config valid (first start, or a changed `admin_key`). */
  ensureAdmin(adminKey: string): Promise<void>;
  /** Waits until everything settled so far is on disk. */
  flush(): Promise<void>;
}
