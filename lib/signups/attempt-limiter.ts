/** How often an address may try something that anybody may try, as to sign up. */
import { GatewayError } from "../errors.ts";

interface Window {
  attempts: number;
  endMs: number;
}

export interface AttemptLimits {
  attempts: number;
  windowMs: number;
  /** Addresses that are remembered; of more the oldest is forgotten. */
  maxAddresses: number;
}

/** Enough for a class behind one address, and too few to try out a list of addresses. */
const standard: AttemptLimits = { attempts: 10, windowMs: 3_600_000, maxAddresses: 10_000 };

/** As with every 429: what is longer, the message says. */
const maxRetryAfterS = 60;

/** Fixed windows, each from an address's first attempt on. One per process: it lives in the runtime. */
export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  /** In the order in which they end. */
  readonly #windows = new Map<string, Window>();

  constructor(limits: AttemptLimits = standard) {
    this.#limits = limits;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#windows.size;
  }

  /**
   * Counts an attempt.
   * @param nowMs monotonic
   * @throws GatewayError 429 where there were too many
   */
  count(address: string, nowMs: number): void {
    this.#forgetEnded(nowMs);
    const window = this.#windows.get(address) ?? this.#begin(address, nowMs);
    window.attempts++;
    if (window.attempts <= this.#limits.attempts) return;
    const leftS = Math.ceil((window.endMs - nowMs) / 1000);
    throw new GatewayError(
      "rate_limit_exceeded",
      `There were too many attempts from your address. Try again in ${Math.ceil(leftS / 60)} min.`,
      { retryAfterS: Math.min(maxRetryAfterS, leftS) },
    );
  }

  #begin(address: string, nowMs: number): Window {
    if (this.#windows.size >= this.#limits.maxAddresses)
      for (const oldest of this.#windows.keys()) {
        this.#windows.delete(oldest);
        break;
      }
    const window = { attempts: 0, endMs: nowMs + this.#limits.windowMs };
    this.#windows.set(address, window);
    return window;
  }

  #forgetEnded(nowMs: number): void {
    for (const [address, { endMs }] of this.#windows) {
      if (endMs > nowMs) return;
      this.#windows.delete(address);
    }
  }
}
