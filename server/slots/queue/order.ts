/** Who is next. First come, first served; a fairer rule (by key, by tier) takes this one's place. */

/** The line before a model. Implementations decide the order and nothing else. */
export interface Order<Waiter> {
  readonly size: number;
  add(waiter: Waiter): void;
  /** Takes out who is next. */
  next(): Waiter | undefined;
  remove(waiter: Waiter): void;
  /** All waiters, the next one first. */
  [Symbol.iterator](): Iterator<Waiter>;
}

/** A set keeps the order in which its members came, and forgets any of them at once. */
export class FirstComeFirstServed<Waiter> implements Order<Waiter> {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  next(): Waiter | undefined {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      return waiter;
    }
    return undefined;
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters.values();
  }
}
