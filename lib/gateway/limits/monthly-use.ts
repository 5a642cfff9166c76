/** What was used in a calendar month (UTC), as budgets count it. */
export class MonthlyUse {
  /** Since the epoch; the month that is counted ends there. */
  #endMs = 0;
  #costNanos = 0;
  #tokens = 0;

  costNanos(nowMs: number): number {
    return nowMs < this.#endMs ? this.#costNanos : 0;
  }

  tokens(nowMs: number): number {
    return nowMs < this.#endMs ? this.#tokens : 0;
  }

  /** Adds a request. @param nowMs since the epoch */
  add(nowMs: number, costNanos: number, tokens: number): void {
    if (nowMs >= this.#endMs) {
      this.#endMs = nextMonthMs(nowMs);
      this.#costNanos = 0;
      this.#tokens = 0;
    }
    this.#costNanos += costNanos;
    this.#tokens += tokens;
  }
}

/** When the month of this moment began, since the epoch. */
export function monthStartMs(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** When the next month begins, since the epoch. */
export function nextMonthMs(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
