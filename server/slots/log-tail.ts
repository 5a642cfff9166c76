/** Hands new lines of a log on as they come, in portions: however fast they come, listening to them has its bounds. */
import type { LogListener } from "../../lib/logs.ts";

const everyMs = 200;
const maxLines = 500;

export class LogTail {
  readonly #listeners = new Set<LogListener>();
  #lines: string[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @returns what ends it */
  subscribe(listener: LogListener): () => void {
    // Under a name of its own: the same function may listen twice.
    const own: LogListener = (portion) => listener(portion);
    // What waits was there before this one listens: it has that from the log itself.
    if (this.#lines.length > 0) this.#handOn();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#forget();
    };
  }

  add(line: string): void {
    if (this.#listeners.size === 0) return;
    this.#lines.push(line);
    // Trimmed in large steps, so that a line costs no copy of all the others.
    if (this.#lines.length >= 2 * maxLines) this.#trim();
    this.#timer ??= setTimeout(() => this.#handOn(), everyMs).unref();
  }

  #trim(): void {
    const excess = this.#lines.length - maxLines;
    if (excess <= 0) return;
    this.#dropped += excess;
    this.#lines = this.#lines.slice(excess);
  }

  #handOn(): void {
    this.#trim();
    const portion = { lines: this.#lines, dropped: this.#dropped };
    this.#forget();
    for (const listener of this.#listeners) listener(portion);
  }

  #forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lines = [];
    this.#dropped = 0;
  }
}
