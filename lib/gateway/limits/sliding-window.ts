/** A sliding window over the last minute, exact to the millisecond: no double burst at a boundary. */

const windowMs = 60_000;
const initialCapacity = 8;

/** What a client may act on after its request was counted or refused. */
export interface WindowState {
  limit: number;
  remaining: number;
  /** Milliseconds until one more request is allowed; 0 when one is allowed now. */
  nextInMs: number;
  /** Milliseconds until the oldest counted request leaves the window. */
  resetMs: number;
}

/**
 * The times of the requests in the last minute, in a ring that grows to at most the limit.
 * Times are monotonic milliseconds (`performance.now()`), so a clock that is set back changes nothing.
 */
export class SlidingWindow {
  #times = new Float64Array(initialCapacity);
  #first = 0;
  #size = 0;

  /**
   * Counts a request at `nowMs`, unless the limit is used up: a refused request is not counted.
   * @returns whether it was counted
   */
  take(nowMs: number, limit: number): boolean {
    this.#expire(nowMs);
    if (this.#size >= limit) return false;
    this.#push(nowMs);
    return true;
  }

  /** Adds a time from before a restart; times must come in ascending order. */
  restore(timeMs: number): void {
    this.#push(timeMs);
  }

  /** Takes back the request that was counted at `timeMs`: another limit has refused it. */
  giveBack(timeMs: number): void {
    let index = this.#size - 1;
    while (index >= 0 && this.#at(index) > timeMs) index--;
    if (index < 0 || this.#at(index) !== timeMs) return; // It has left the window meanwhile.
    for (; index < this.#size - 1; index++) this.#set(index, this.#at(index + 1));
    this.#size--;
  }

  state(nowMs: number, limit: number): WindowState {
    this.#expire(nowMs);
    const oldestMs = this.#size > 0 ? this.#at(0) : nowMs - windowMs;
    const blockingMs = this.#size >= limit && limit > 0 ? this.#at(this.#size - limit) : undefined;
    return {
      limit,
      remaining: Math.max(0, limit - this.#size),
      nextInMs: blockingMs === undefined ? (limit > 0 ? 0 : windowMs) : blockingMs + windowMs - nowMs,
      resetMs: oldestMs + windowMs - nowMs,
    };
  }

  #at(index: number): number {
    return this.#times[(this.#first + index) % this.#times.length] ?? 0;
  }

  #push(timeMs: number): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#set(this.#size, timeMs);
    this.#size++;
  }

  #set(index: number, timeMs: number): void {
    this.#times[(this.#first + index) % this.#times.length] = timeMs;
  }

  #expire(nowMs: number): void {
    while (this.#size > 0 && this.#at(0) <= nowMs - windowMs) {
      this.#first = (this.#first + 1) % this.#times.length;
      this.#size--;
    }
  }

  #grow(): void {
    const larger = new Float64Array(this.#times.length * 2);
    for (let index = 0; index < this.#size; index++) larger[index] = this.#at(index);
    this.#times = larger;
    this.#first = 0;
  }
}
