/** What admins decide about sign-ups. */
import { userReply } from "../admin/users.ts";
import type { Config } from "../config/schema.ts";
import type { Signup } from "../data/signups.ts";
import { GatewayError } from "../errors.ts";
import { nanosFromDollars } from "../money/nanos.ts";
import type { Actor, Tier } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";
import { invitationUrl, newInvitation } from "./invitation.ts";
import type { ApprovedSignup, ApproveSignup, SignupReply } from "./schemas.ts";

export type DecisionServices = Pick<Runtime, "accounts" | "config" | "database">;

/** @throws GatewayError 404 */
export async function findSignup(id: number, { database }: Pick<Runtime, "database">): Promise<Signup> {
  const signup = await database.signups.find(id);
  if (signup) return signup;
  throw new GatewayError("not_found", `There is no sign-up ${id}.`);
}

/**
 * Grants a sign-up: creates the user, or changes the tier of the one who asks.
 * @param headers of the admin's request, for the invitation's link
 * @throws GatewayError 400 where a balance is needed; 404; 409 where it is decided, or the address has an account by now
 */
export async function approve(
  signup: Signup,
  wish: ApproveSignup,
  services: DecisionServices,
  actor: Actor,
  headers: Headers,
): Promise<ApprovedSignup> {
  if (signup.status !== "pending")
    throw new GatewayError("conflict", `Sign-up ${signup.id} was ${signup.status} already.`);
  return signup.userId === null
    ? approveAccount(signup, wish, services, actor, headers)
    : approveTier(signup, signup.userId, wish, services, actor);
}

async function approveAccount(
  signup: Signup,
  wish: ApproveSignup,
  { accounts, config: { current: config } }: DecisionServices,
  actor: Actor,
  headers: Headers,
): Promise<ApprovedSignup> {
  const tier = wish.tier ?? signup.tier;
  const balance = wish.balance ?? startBalance(tier, config);
  refuseEmptyHands(tier, balance, wish);
  const { token, row } = newInvitation(Date.now());
  const approval = { signupId: signup.id, invitation: row };
  const user = { email: signup.email, tier, balanceNanos: nanosFromDollars(balance), approval };
  const { account, apiKey } = await accounts.createUser(user, actor, "Start balance");
  return {
    id: signup.id,
    status: "approved",
    user: userReply(account),
    api_key: apiKey,
    invitation: {
      url: invitationUrl(token, headers, config),
      expires_at: new Date(row.expiresAtMs).toISOString(),
    },
  };
}

async function approveTier(
  signup: Signup,
  userId: number,
  wish: ApproveSignup,
  { accounts }: DecisionServices,
  actor: Actor,
): Promise<ApprovedSignup> {
  const tier = wish.tier ?? signup.tier;
  const account = accounts.account(userId);
  if (!account) throw new GatewayError("not_found", `There is no user ${userId}.`);
  if (account.tier === "admin" && tier !== "admin")
    throw new GatewayError(
      "conflict",
      "This user is an administrator by now. Change the tier itself if that is meant.",
    );
  refuseEmptyHands(tier, wish.balance ?? account.balanceNanos, wish);
  const balance = wish.balance === undefined ? {} : { balanceNanos: nanosFromDollars(wish.balance) };
  const change = { tier, ...balance, signupId: signup.id };
  const changed = await accounts.updateUser(userId, change, actor, "Asked for another tier");
  return { id: signup.id, status: "approved", user: userReply(changed), api_key: null, invitation: null };
}

function startBalance(tier: Tier, { signup, tiers }: Config): number {
  return signup.start_balance || tiers[tier].start_balance;
}

/** Who is charged and has nothing cannot ask for anything, so that must be meant. @throws GatewayError 400 */
function refuseEmptyHands(tier: Tier, balance: number, wish: ApproveSignup): void {
  if (tier === "admin" || balance > 0 || wish.balance !== undefined) return;
  throw new GatewayError(
    "invalid_request",
    "The user would have a balance of $0 and could not use anything. Give a `balance` in dollars, or 0 if that is meant.",
    { param: "balance" },
  );
}

export function signupReply(signup: Signup): SignupReply {
  const { id, email, tier, message, userId, status, createdAtMs, decidedAtMs, decidedByUser } = signup;
  return {
    id,
    email,
    tier,
    message,
    user_id: userId,
    status,
    created_at: new Date(createdAtMs).toISOString(),
    decided_at: decidedAtMs === null ? null : new Date(decidedAtMs).toISOString(),
    decided_by: decidedByUser,
  };
}
