/** How fast a download is, smoothed, so that its time left does not jump. */

/** After this time, what was before counts by a third. */
const memoryMs = 5_000;
/** Shorter spans say little. */
const leastSpanMs = 250;

export class Speed {
  #bytesPerMs: number | null = null;
  #spanStartMs: number;
  #spanBytes = 0;

  constructor(nowMs: number) {
    this.#spanStartMs = nowMs;
  }

  add(bytes: number, nowMs: number): void {
    this.#spanBytes += bytes;
    this.#fold(nowMs);
  }

  /** Falls while nothing comes. Null in the first moment. */
  bytesPerS(nowMs: number): number | null {
    this.#fold(nowMs);
    return this.#bytesPerMs === null ? null : Math.round(this.#bytesPerMs * 1000);
  }

  #fold(nowMs: number): void {
    const spanMs = nowMs - this.#spanStartMs;
    if (spanMs < leastSpanMs) return;
    const now = this.#spanBytes / spanMs;
    const keep = Math.exp(-spanMs / memoryMs);
    this.#bytesPerMs = this.#bytesPerMs === null ? now : this.#bytesPerMs * keep + now * (1 - keep);
    this.#spanStartMs = nowMs;
    this.#spanBytes = 0;
  }
}

/** Seconds left; null where the speed or the size is unknown, or it stands still. */
export function etaS(leftBytes: number | null, bytesPerS: number | null): number | null {
  return leftBytes === null || bytesPerS === null || bytesPerS < 1 ? null : Math.ceil(leftBytes / bytesPerS);
}
