/** Keeps models that could not be loaded from being tried with every request. */

export interface BackoffPolicy {
  /** After the first failure; it doubles with each one in a row. */
  firstMs: number;
  maxMs: number;
}

export const loadBackoff: BackoffPolicy = { firstMs: 30_000, maxMs: 600_000 };

export interface KnownFailure {
  /** In the doctor's words: for admins. */
  message: string;
  /** Until it may be tried again. */
  leftMs: number;
}

interface Entry {
  failures: number;
  untilMs: number;
  message: string;
}

export class LoadBackoff {
  readonly #entries = new Map<string, Entry>();

  constructor(readonly policy: BackoffPolicy = loadBackoff) {}

  /** A load has failed. Times are monotonic. */
  note(modelId: string, message: string, nowMs: number): void {
    const failures = (this.#entries.get(modelId)?.failures ?? 0) + 1;
    const waitMs = Math.min(this.policy.maxMs, this.policy.firstMs * 2 ** (failures - 1));
    this.#entries.set(modelId, { failures, untilMs: nowMs + waitMs, message });
  }

  /** Why a model shall not be tried now; null where it may be. */
  check(modelId: string, nowMs: number): KnownFailure | null {
    const entry = this.#entries.get(modelId);
    if (!entry || entry.untilMs <= nowMs) return null;
    return { message: entry.message, leftMs: entry.untilMs - nowMs };
  }

  /** It works. */
  forget(modelId: string): void {
    this.#entries.delete(modelId);
  }

  /** What kept them from working may have been changed. */
  forgetAll(): void {
    this.#entries.clear();
  }
}
