/** The limits on what a user or a key may have under way and may use. A refusal here has consumed nothing. */
import type { Config } from "../../config/schema.ts";
import { GatewayError } from "../../errors.ts";
import { dollarText, nanosFromDollars } from "../../money/nanos.ts";
import type { Caller, Limits } from "../../money/types.ts";
import type { Commitment, Commitments, Need } from "./commitments.ts";
import { nextMonthMs } from "./monthly-use.ts";
import type { TokenWindowState } from "./token-window.ts";

const maxRetryAfterS = 60;

/** What applies to one user, or one key; null: no limit. */
interface UsageLimits {
  concurrency: number | null;
  tokensPerMinute: number | null;
  monthlyBudget: number | null;
  monthlyTokens: number | null;
}

/**
 * Checks a request against the limits of its user over all keys, and of its key.
 * @param nowMs monotonic
 * @throws GatewayError 429 `rate_limit_exceeded` with `Retry-After`, or `budget_exceeded`
 */
export function checkUsageLimits(
  { account, key }: Caller,
  need: Need,
  commitments: Commitments,
  config: Config,
  nowMs: number,
): void {
  check(commitments.ofUser(account.id), userLimits(account, config), need, "account", nowMs);
  check(commitments.ofKey(key.id), keyLimits(key.limits), need, "API key", nowMs);
}

/** What the tighter of a caller's limits on tokens per minute has left; null where none applies. */
export function tokenState(
  { account, key }: Caller,
  commitments: Commitments,
  config: Config,
  nowMs: number,
): TokenWindowState | null {
  const userLimit = userLimits(account, config).tokensPerMinute;
  const keyLimit = key.limits.tokens_per_minute ?? null;
  const ofUser = userLimit === null ? null : commitments.ofUser(account.id).minute.state(nowMs, userLimit);
  const ofKey = keyLimit === null ? null : commitments.ofKey(key.id).minute.state(nowMs, keyLimit);
  if (!ofUser || !ofKey) return ofUser ?? ofKey;
  return ofUser.remaining <= ofKey.remaining ? ofUser : ofKey;
}

/** A user's own limits come before those of the tier; an explicit null lifts them. */
export function userLimits({ tier, limits }: Caller["account"], config: Config): UsageLimits {
  const ofTier = config.tiers[tier];
  return {
    concurrency: limits.concurrency === undefined ? ofTier.concurrency : limits.concurrency,
    tokensPerMinute:
      limits.tokens_per_minute === undefined ? ofTier.tokens_per_minute : limits.tokens_per_minute,
    monthlyBudget: limits.monthly_budget ?? null,
    monthlyTokens: ofTier.monthly_tokens,
  };
}

function keyLimits(limits: Limits): UsageLimits {
  return {
    concurrency: limits.concurrency ?? null,
    tokensPerMinute: limits.tokens_per_minute ?? null,
    monthlyBudget: limits.monthly_budget ?? null,
    monthlyTokens: null,
  };
}

function check(used: Commitment, limits: UsageLimits, need: Need, whose: string, nowMs: number): void {
  if (limits.concurrency !== null && used.inFlight >= limits.concurrency)
    throw new GatewayError(
      "rate_limit_exceeded",
      `This ${whose} may have ${limits.concurrency} requests under way at once. Wait for one to end.`,
      { retryAfterS: 1 },
    );
  checkMonth(used, limits, need, whose);
  if (limits.tokensPerMinute === null) return;
  const waitMs = used.minute.waitMs(nowMs, need.minuteTokens, limits.tokensPerMinute);
  if (waitMs === 0) return;
  throw tokenLimitReached(limits.tokensPerMinute, need.minuteTokens, waitMs, whose);
}

function checkMonth(used: Commitment, limits: UsageLimits, need: Need, whose: string): void {
  if (limits.monthlyTokens === null && limits.monthlyBudget === null) return;
  const nowMs = Date.now();
  const until = () => new Date(nextMonthMs(nowMs)).toISOString().slice(0, 10);
  if (
    limits.monthlyTokens !== null &&
    used.month.tokens(nowMs) + used.heldTokens + need.tokens > limits.monthlyTokens
  )
    throw new GatewayError(
      "budget_exceeded",
      `This ${whose} may use ${limits.monthlyTokens} tokens a month, and this request could go beyond. More from ${until()} on.`,
    );
  if (limits.monthlyBudget === null) return;
  const committedNanos = used.month.costNanos(nowMs) + used.heldNanos + need.costNanos;
  const budgetNanos = nanosFromDollars(limits.monthlyBudget);
  if (committedNanos > budgetNanos)
    throw new GatewayError(
      "budget_exceeded",
      `This ${whose} may spend ${dollarText(budgetNanos)} a month. ${dollarText(used.month.costNanos(nowMs))} are spent, and this request may cost up to ${dollarText(need.costNanos)}. More from ${until()} on.`,
    );
}

function tokenLimitReached(
  limit: number,
  tokens: number,
  waitMs: number | null,
  whose: string,
): GatewayError {
  if (waitMs === null)
    return new GatewayError(
      "rate_limit_exceeded",
      `This request may need ${tokens} tokens, and this ${whose} may use ${limit} a minute. Ask for fewer output tokens or send a shorter prompt.`,
      { shouldRetry: false },
    );
  const waitS = Math.ceil(waitMs / 1000);
  return new GatewayError(
    "rate_limit_exceeded",
    `Rate limit reached: ${limit} tokens per minute, and this request may need ${tokens}. Try again in ${waitS} s.`,
    { retryAfterS: Math.min(maxRetryAfterS, waitS) },
  );
}
