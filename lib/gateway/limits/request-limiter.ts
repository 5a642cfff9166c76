/** Stage: requests per minute, of the user over all keys and of the key itself. */
import type { Config } from "../../config/schema.ts";
import { GatewayError } from "../../errors.ts";
import type { Account, Caller } from "../../money/types.ts";
import { SlidingWindow, type WindowState } from "./sliding-window.ts";

const maxRetryAfterS = 60;

/** Requests a minute that this user may make, or null for no limit. */
export function requestLimit(account: Account, config: Config): number | null {
  const own = account.limits.requests_per_minute;
  if (own !== undefined) return own;
  return account.tier === "admin" ? null : config.rate_limits[account.tier];
}

/** What became of one request, and what the tighter of its limits has left. */
export interface Counted {
  /** False: a limit is used up, and nothing was consumed. */
  isAllowed: boolean;
  /** Null where no limit applies. */
  state: WindowState | null;
}

/** The windows of every user and key. One per process: it lives in the runtime. */
export class RequestLimiter {
  readonly #users = new Map<number, SlidingWindow>();
  readonly #keys = new Map<number, SlidingWindow>();

  /** Counts one request of this caller, unless a limit forbids it. */
  count(caller: Caller, config: Config, nowMs: number): Counted {
    const userLimit = requestLimit(caller.account, config);
    const keyLimit = caller.key.limits.requests_per_minute ?? null;
    const user = take(this.#users, caller.account.id, userLimit, nowMs);
    if (!user.isAllowed || keyLimit === null) return user;
    const key = take(this.#keys, caller.key.id, keyLimit, nowMs);
    if (key.isAllowed) return { isAllowed: true, state: tighter(user.state, key.state) };
    if (userLimit !== null) this.#users.get(caller.account.id)?.giveBack(nowMs);
    return key;
  }

  /**
   * Takes back a request of this caller: another limit has refused it.
   * @param countedMs when it was counted
   * @param state what was left after it, which is set right
   */
  giveBack(caller: Caller, countedMs: number, state: WindowState | null): void {
    this.#users.get(caller.account.id)?.giveBack(countedMs);
    this.#keys.get(caller.key.id)?.giveBack(countedMs);
    if (state) state.remaining++;
  }

  /** What a user has left now, without counting; null where no limit applies. */
  state(account: Account, config: Config, nowMs: number): WindowState | null {
    const limit = requestLimit(account, config);
    return limit === null ? null : windowOf(this.#users, account.id).state(nowMs, limit);
  }

  /**
   * Puts back the requests of the last minute before a restart, so that a restart refills nobody's minute.
   * @param requests oldest first; times since the epoch
   */
  restore(requests: readonly { userId: number; keyId: number; startedAtMs: number }[]): void {
    const monotonicMs = performance.now() - Date.now();
    for (const { userId, keyId, startedAtMs } of requests) {
      windowOf(this.#users, userId).restore(startedAtMs + monotonicMs);
      windowOf(this.#keys, keyId).restore(startedAtMs + monotonicMs);
    }
  }
}

function windowOf(windows: Map<number, SlidingWindow>, id: number): SlidingWindow {
  let window = windows.get(id);
  if (!window) {
    window = new SlidingWindow();
    windows.set(id, window);
  }
  return window;
}

function take(windows: Map<number, SlidingWindow>, id: number, limit: number | null, nowMs: number): Counted {
  if (limit === null) return { isAllowed: true, state: null };
  const window = windowOf(windows, id);
  const isAllowed = window.take(nowMs, limit);
  return { isAllowed, state: window.state(nowMs, limit) };
}

function tighter(one: WindowState | null, other: WindowState | null): WindowState | null {
  if (!one || !other) return one ?? other;
  return one.remaining <= other.remaining ? one : other;
}

/** The refusal that a used-up limit leads to. */
export function rateLimitReached({ limit, nextInMs }: WindowState): GatewayError {
  const waitS = Math.ceil(nextInMs / 1000);
  return new GatewayError(
    "rate_limit_exceeded",
    `Rate limit reached: ${limit} requests per minute. Try again in ${waitS} s.`,
    { retryAfterS: Math.min(maxRetryAfterS, waitS) },
  );
}
