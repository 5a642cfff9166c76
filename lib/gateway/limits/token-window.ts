/** Tokens of the last minute: reserved when a request is admitted, corrected when it has ended. */

const windowMs = 60_000;

/** Requests within so short a time share an entry, which leaves with the last of them: so entries stay few. */
const entryMs = 50;

/** The tokens of the requests of a moment. */
export interface TokenEntry {
  /** The end of the moment; monotonic. */
  readonly atMs: number;
  tokens: number;
}

/** What a client may act on. Times in milliseconds. */
export interface TokenWindowState {
  limit: number;
  remaining: number;
  /** Until all that is counted has left the window. */
  resetMs: number;
}

/** Times are monotonic (`performance.now()`), so a clock that is set back changes nothing. */
export class TokenWindow {
  #entries: TokenEntry[] = [];
  /** Entries before it have left the window. */
  #first = 0;
  #sum = 0;

  /** Milliseconds until so many tokens would fit; 0: now; null: never, as they are more than the limit. */
  waitMs(nowMs: number, tokens: number, limit: number): number | null {
    this.#expire(nowMs);
    let sum = this.#sum + tokens;
    if (sum <= limit) return 0;
    if (tokens > limit) return null;
    for (let index = this.#first; index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (!entry) break;
      sum -= entry.tokens;
      if (sum <= limit) return entry.atMs + windowMs - nowMs;
    }
    return windowMs;
  }

  /** Counts tokens, whatever the limit. */
  add(nowMs: number, tokens: number): TokenEntry {
    this.#expire(nowMs);
    this.#sum += tokens;
    const newest = this.#entries.at(-1);
    if (newest && nowMs <= newest.atMs) {
      newest.tokens += tokens;
      return newest;
    }
    const entry = { atMs: nowMs + entryMs, tokens };
    this.#entries.push(entry);
    return entry;
  }

  /** Corrects what was reserved in this entry to what was used. */
  correct(entry: TokenEntry, nowMs: number, reservedTokens: number, usedTokens: number): void {
    this.#expire(nowMs);
    if (entry.atMs <= nowMs - windowMs) return;
    this.#sum += usedTokens - reservedTokens;
    entry.tokens += usedTokens - reservedTokens;
  }

  state(nowMs: number, limit: number): TokenWindowState {
    this.#expire(nowMs);
    const newest = this.#entries.at(-1);
    const resetMs = newest && this.#first < this.#entries.length ? newest.atMs + windowMs - nowMs : 0;
    return { limit, remaining: Math.max(0, limit - this.#sum), resetMs };
  }

  #expire(nowMs: number): void {
    for (
      let entry = this.#entries[this.#first];
      entry && entry.atMs <= nowMs - windowMs;
      entry = this.#entries[this.#first]
    ) {
      this.#sum -= entry.tokens;
      this.#first++;
    }
    // Cut off now and then, not with each entry, which would move all of the others.
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
