/** Asking for an account, or for another tier. */
import type { NewSignup, Submission } from "../data/signups.ts";
import { GatewayError } from "../errors.ts";
import { orUnavailable } from "../money/storage-failure.ts";
import type { Account } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";
import type { SignupAnswer, SignupRequest, UpgradeRequest } from "./schemas.ts";

/** What an admin can look through; more are refused, so that nobody fills the disk. */
const maxPending = 1_000;

const answer: SignupAnswer = {
  status: "pending",
  message: "Your request has arrived. The operator of this gateway will decide on it.",
};

/** @throws GatewayError 400 for an address that is known or has one pending; 403 where nobody may sign up; 503 */
export async function submitSignup(
  { email, tier, message }: SignupRequest,
  { database }: Pick<Runtime, "database">,
): Promise<SignupAnswer> {
  return submit({ email: email.toLowerCase(), tier, message, userId: null }, database);
}

/** @throws GatewayError 400 for the tier that the user has, and where a request is pending; 503 */
export async function submitUpgrade(
  { tier, message }: UpgradeRequest,
  account: Account,
  { database }: Pick<Runtime, "database">,
): Promise<SignupAnswer> {
  if (account.tier === tier)
    throw new GatewayError("invalid_request", `Your account is of tier ${tier} already.`, { param: "tier" });
  return submit({ email: account.email, tier, message, userId: account.id }, database);
}

async function submit(signup: NewSignup, { signups }: Runtime["database"]): Promise<SignupAnswer> {
  const submission = await orUnavailable(signups.submit(signup, maxPending, Date.now()));
  if (submission === "pending") return answer;
  throw refusals[submission]();
}

const refusals: Record<Exclude<Submission, "pending">, () => GatewayError> = {
  known: () =>
    new GatewayError("invalid_request", "There is an account with this address already. Sign in instead.", {
      param: "email",
    }),
  already_pending: () =>
    new GatewayError("invalid_request", "A request from this address is waiting for a decision already.", {
      param: "email",
    }),
  too_many: () =>
    new GatewayError("queue_full", "Too many requests are waiting for a decision. Try again later.", {
      retryAfterS: 60,
    }),
};

/** @throws GatewayError 403 where the config does not let anybody sign up */
export function refuseClosedSignup({ config }: Pick<Runtime, "config">): void {
  if (config.current.signup.enabled) return;
  throw new GatewayError(
    "permission_denied",
    "This gateway takes no sign-ups. Ask its operator for an account.",
  );
}
