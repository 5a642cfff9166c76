/** One topic's state for all who watch it: looked at once, written as JSON once, however many they are. */
import type { StateTopic } from "./types.ts";

/** A state that changes with every request shall not be told each time. */
const shortestIntervalMs = 250;

interface Watcher {
  deliver: (json: string) => void;
  /** It has not got anything yet. */
  isNew: boolean;
}

export class StateFeed {
  readonly #topic: StateTopic;
  readonly #onError: (error: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  #stop: (() => void) | null = null;
  #last: string | null = null;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isWanted = false;
  #isLooking = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(topic: StateTopic, onError: (error: unknown) => void) {
    this.#topic = topic;
    this.#onError = onError;
  }

  /** Delivers the state as JSON: as it is now, and whenever it is another. Returns a function that stops it. */
  watch(deliver: (json: string) => void): () => void {
    const watcher = { deliver, isNew: true };
    this.#watchers.add(watcher);
    this.#stop ??= this.#topic.subscribe(() => this.#want());
    this.#want();
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#rest();
    };
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isWanted = false;
    this.#last = null;
  }

  #want(): void {
    if (this.#watchers.size === 0) return;
    this.#isWanted = true;
    if (this.#isLooking || this.#timer) return;
    const waitMs = this.#lookedAtMs + shortestIntervalMs - performance.now();
    if (waitMs <= 0) void this.#look();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        void this.#look();
      }, waitMs).unref();
    }
  }

  /** One look at a time, so that no older state is told after a newer one. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#isWanted = false;
    this.#lookedAtMs = performance.now();
    // Who comes while it looks waits for the next look: this one may be of the moment before.
    const watchers = [...this.#watchers];
    try {
      const json = JSON.stringify(await this.#topic.snapshot());
      const isAnother = json !== this.#last;
      this.#last = json;
      for (const watcher of watchers)
        if (this.#watchers.has(watcher) && (isAnother || watcher.isNew)) {
          watcher.isNew = false;
          watcher.deliver(json);
        }
    } catch (error) {
      this.#onError(error);
    }
    this.#isLooking = false;
    if (this.#isWanted) this.#want();
  }
}
