/** How much may be kept of answers in a day, so that nobody fills the disk with them. */
import { msPerDay } from "../../data/daily-usage.ts";

const bytesPerMebibyte = 1024 * 1024;
/** Of one API key, and of all. */
const maxBytesOfKey = 64 * bytesPerMebibyte;
const maxBytes = 1024 * bytesPerMebibyte;

export class KeptBudget {
  readonly #ofKeys = new Map<number, number>();
  #bytes = 0;
  #sinceMs = Date.now();

  /** Counts an answer, unless there is no room for it. */
  takes(keyId: number, bytes: number, nowMs = Date.now()): boolean {
    if (nowMs - this.#sinceMs >= msPerDay) this.#begin(nowMs);
    const ofKey = (this.#ofKeys.get(keyId) ?? 0) + bytes;
    if (ofKey > maxBytesOfKey || this.#bytes + bytes > maxBytes) return false;
    this.#ofKeys.set(keyId, ofKey);
    this.#bytes += bytes;
    return true;
  }

  #begin(nowMs: number): void {
    this.#ofKeys.clear();
    this.#bytes = 0;
    this.#sinceMs = nowMs;
  }
}
