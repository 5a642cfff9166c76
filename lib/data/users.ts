/** Table `users`, and what a change of a user leaves in `ledger` and `audit_log`. */
import { GatewayError } from "../errors.ts";
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Account, Actor, LedgerKind, Limits, Tier } from "../money/types.ts";
import { insertKey, type NewKeyRow, type StoredKey } from "./api-keys.ts";
import { difference, recordAction } from "./audit-log.ts";
import { insertInvitation, type NewInvitationRow } from "./invitations.ts";
import { recordBalanceChange } from "./ledger.ts";
import { onWriter } from "./query.ts";
import { approveSignup } from "./signups.ts";
import { isUniqueViolation } from "./violations.ts";

export interface NewUserRow {
  email: string;
  tier: Tier;
  balanceNanos: number;
  limits: Limits;
}

/** The sign-up that a user comes from, and the link to set a password by: written in the same transaction. */
export interface SignupApproval {
  signupId: number;
  invitation: NewInvitationRow;
}

/** What changes; the balance by a difference, because settlements may be changing it at the same moment. */
export interface UserRowChange {
  tier?: Tier;
  active?: boolean;
  limits?: Limits;
  balanceDeltaNanos?: number;
  /** What the ledger calls the difference; absent: by its sign. */
  ledgerKind?: LedgerKind;
  /** The request for another tier that this grants. */
  signupId?: number;
}

/** Who did it, when and why. */
export interface Cause {
  actor: Actor;
  atMs: number;
  reason: string;
}

/** A row of either kind of query: Prisma gives bigint and boolean, our own SQL numbers. */
interface StoredUser {
  id: number;
  email: string;
  tier: string;
  active: boolean | number;
  balanceNanos: bigint | number;
  limits: string;
  sessionVersion: number;
  createdAtMs: bigint | number;
}

export const users = {
  /** Every user but deleted ones, for the memory of `Accounts`. At start there is nothing that it could delay. */
  load: onWriter(async (context): Promise<Account[]> => {
    const rows = await context.rows<StoredUser>(
      "SELECT id, email, tier, active, balance_nanos AS balanceNanos, limits, " +
        "session_version AS sessionVersion, created_at_ms AS createdAtMs FROM users WHERE deleted_at_ms IS NULL ORDER BY id",
    );
    return rows.map(accountOf);
  }),

  /** @throws GatewayError 404, 409 where the sign-up is not pending; 409 when the address is taken */
  create: onWriter(
    async (context, user: NewUserRow, key: NewKeyRow, cause: Cause, approval?: SignupApproval) => {
      const prisma = await context.prisma();
      const created = prisma.$transaction(async (transaction) => {
        const row = await transaction.user.create({
          data: {
            email: user.email,
            tier: user.tier,
            balanceNanos: user.balanceNanos,
            limits: JSON.stringify(user.limits),
            createdAtMs: cause.atMs,
          },
        });
        await recordBalanceChange(transaction, row.id, user.balanceNanos, cause);
        const detail = { after: shownUser(row), reason: cause.reason };
        await recordAction(transaction, "user.create", `user:${row.id}`, detail, cause);
        if (approval) {
          await approveSignup(transaction, approval.signupId, row.id, cause);
          await insertInvitation(transaction, row.id, approval.invitation, cause);
        }
        return { account: accountOf(row), key: await insertKey(transaction, row.id, key, cause) };
      });
      return created.catch((error: unknown): { account: Account; key: StoredKey } => {
        if (!isUniqueViolation(error)) throw error;
        throw new GatewayError("conflict", `There is already a user ${user.email}.`, { param: "email" });
      });
    },
  ),

  /** Disabling a user ends the sessions too. @throws GatewayError 404; 409 where the sign-up is not pending */
  update: onWriter(async (context, id: number, change: UserRowChange, cause: Cause): Promise<Account> => {
    const prisma = await context.prisma();
    const { tier, active, limits, balanceDeltaNanos, ledgerKind, signupId } = change;
    return prisma.$transaction(async (transaction) => {
      const before = await transaction.user.findFirst({ where: { id, deletedAtMs: null } });
      if (!before) throw new GatewayError("not_found", `There is no user ${id}.`);
      const row = await transaction.user.update({
        where: { id },
        data: {
          ...(tier !== undefined && { tier }),
          ...(active !== undefined && { active }),
          ...(active === false && { sessionVersion: { increment: 1 } }),
          ...(limits !== undefined && { limits: JSON.stringify(limits) }),
          ...(balanceDeltaNanos !== undefined && { balanceNanos: { increment: balanceDeltaNanos } }),
        },
      });
      if (balanceDeltaNanos !== undefined)
        await recordBalanceChange(transaction, id, balanceDeltaNanos, cause, ledgerKind);
      const detail = { ...difference(shownUser(before), shownUser(row)), reason: cause.reason };
      await recordAction(transaction, "user.update", `user:${id}`, detail, cause);
      if (signupId !== undefined) await approveSignup(transaction, signupId, id, cause);
      return accountOf(row);
    });
  }),
};

/** What the audit log shows of a user. */
function shownUser(row: StoredUser): Record<string, unknown> {
  const { id, email, tier, active, balanceNanos, limits } = accountOf(row);
  return { id, email, tier, active, balance: dollarsFromNanos(balanceNanos), limits };
}

/** A user as `Accounts` keeps it. */
export function accountOf(row: StoredUser): Account {
  return {
    id: row.id,
    email: row.email,
    tier: row.tier as Tier,
    active: Boolean(row.active),
    balanceNanos: Number(row.balanceNanos),
    limits: JSON.parse(row.limits) as Limits,
    sessionVersion: row.sessionVersion,
    createdAtMs: Number(row.createdAtMs),
  };
}
