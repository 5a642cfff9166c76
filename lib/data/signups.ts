/** Table `signups`: who asks for an account, and users who ask for another tier. */
import { GatewayError } from "../errors.ts";
import type { Tier } from "../money/types.ts";
import { recordAction } from "./audit-log.ts";
import { onReader, onWriter, type Transaction } from "./query.ts";
import type { Cause } from "./users.ts";

export const signupStatuses = ["pending", "approved", "rejected"] as const;
export type SignupStatus = (typeof signupStatuses)[number];

export interface Signup {
  id: number;
  email: string;
  tier: Tier;
  /** As it came: never to be shown as anything but text. */
  message: string;
  /** Of the user that asks for another tier, or that an approval created. */
  userId: number | null;
  status: SignupStatus;
  createdAtMs: number;
  decidedAtMs: number | null;
  decidedByUser: number | null;
}

export interface NewSignup {
  email: string;
  tier: Tier;
  message: string;
  /** Of the user that asks for another tier; null: for an account. */
  userId: number | null;
}

/** What became of a new one. */
export type Submission = "pending" | "known" | "already_pending" | "too_many";

/** Columns of a row, for queries of our own. */
export const signupColumns =
  "id, email, tier, message, user_id AS userId, status, created_at_ms AS createdAtMs, decided_at_ms AS decidedAtMs, decided_by_user AS decidedByUser";

export const signups = {
  /**
   * Adds one, unless its address has an account, has one pending, or too many are pending. One statement, so that of
   * two at once only one is taken.
   */
  submit: onWriter(
    async (context, signup: NewSignup, maxPending: number, nowMs: number): Promise<Submission> => {
      const { email, tier, message, userId } = signup;
      const added = await context.rows(
        `INSERT INTO signups (email, tier, message, user_id, created_at_ms) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE (?4 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM users WHERE email = ?1))
           AND NOT EXISTS (SELECT 1 FROM signups WHERE email = ?1 AND status = 'pending')
           AND (SELECT count(*) FROM signups WHERE status = 'pending') < ?6 RETURNING id`,
        email,
        tier,
        message,
        userId,
        nowMs,
        maxPending,
      );
      if (added.length > 0) return "pending";
      const [found] = await context.rows<{ known: number; pending: number }>(
        `SELECT EXISTS (SELECT 1 FROM users WHERE email = ?1) AS known,
           EXISTS (SELECT 1 FROM signups WHERE email = ?1 AND status = 'pending') AS pending`,
        email,
      );
      if (found?.known && userId === null) return "known";
      return found?.pending ? "already_pending" : "too_many";
    },
  ),

  find: onReader(async (context, id: number): Promise<Signup | null> => {
    const [found] = await context.rows<Signup>(`SELECT ${signupColumns} FROM signups WHERE id = ?`, id);
    return found ?? null;
  }),

  /**
   * The latest, newest first.
   * @param status null: any
   * @param beforeId only older ones than this; null: from the newest on
   */
  list: onReader(
    async (context, status: SignupStatus | null, beforeId: number | null, limit: number): Promise<Signup[]> =>
      context.rows<Signup>(
        `SELECT ${signupColumns} FROM signups WHERE (?1 IS NULL OR status = ?1) AND id < ?2
         ORDER BY id DESC LIMIT ?3`,
        status,
        beforeId ?? Number.MAX_SAFE_INTEGER,
        limit,
      ),
  ),

  /** @throws GatewayError 404; 409 where it is decided already */
  reject: onWriter(async (context, id: number, cause: Cause): Promise<void> => {
    const prisma = await context.prisma();
    await prisma.$transaction(async (transaction) => {
      await decide(transaction, id, { status: "rejected" }, cause);
      await recordDecision(transaction, id, "signup.reject", "rejected", cause);
    });
  }),

  /**
   * Forgets those that were decided before a moment, at most so many.
   * @returns how many
   */
  prune: onWriter(async (context, beforeMs: number, atMost: number): Promise<number> => {
    const removed = await context.rows(
      `DELETE FROM signups WHERE id IN (SELECT id FROM signups WHERE decided_at_ms < ? LIMIT ?) RETURNING 1`,
      beforeMs,
      atMost,
    );
    return removed.length;
  }),
};

/** Approves one within the transaction that does what it asks for. @throws as `reject` */
export async function approveSignup(
  transaction: Transaction,
  id: number,
  userId: number,
  cause: Cause,
): Promise<void> {
  await decide(transaction, id, { status: "approved", userId }, cause);
  await recordDecision(transaction, id, "signup.approve", "approved", cause, { user_id: userId });
}

async function decide(
  transaction: Transaction,
  id: number,
  decision: { status: SignupStatus; userId?: number },
  cause: Cause,
): Promise<void> {
  const { count } = await transaction.signup.updateMany({
    where: { id, status: "pending" },
    data: { ...decision, decidedAtMs: cause.atMs, decidedByUser: cause.actor.userId },
  });
  if (count > 0) return;
  const known = await transaction.signup.findUnique({ where: { id } });
  if (!known) throw new GatewayError("not_found", `There is no sign-up ${id}.`);
  throw new GatewayError("conflict", `Sign-up ${id} was ${known.status} already.`);
}

function recordDecision(
  transaction: Transaction,
  id: number,
  action: string,
  status: SignupStatus,
  cause: Cause,
  more: Record<string, unknown> = {},
): Promise<void> {
  const after = { status, ...more };
  const detail = { before: { status: "pending" }, after, reason: cause.reason };
  return recordAction(transaction, action, `signup:${id}`, detail, cause);
}
