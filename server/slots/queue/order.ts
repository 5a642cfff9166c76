/** Who is next in the line before a model: higher tiers first, and the keys of a tier in turn. */

/** Whom a place in the line belongs to. */
export interface Party {
  /** One that has queued a thousand requests waits as long for each further one as another for its first. */
  keyId: number;
  /** The higher one is served first. */
  priority: number;
}

/** Waiters of one priority: one of each key after the other. */
class Rotation<Waiter> {
  /** The key whose turn it is next comes first. A set forgets any of its members at once. */
  readonly #keys = new Map<number, Set<Waiter>>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  has(keyId: number): boolean {
    return this.#keys.has(keyId);
  }

  add(waiter: Waiter, keyId: number): void {
    const waiters = this.#keys.get(keyId);
    if (waiters) waiters.add(waiter);
    else this.#keys.set(keyId, new Set([waiter]));
  }

  first(): Waiter | undefined {
    for (const waiters of this.#keys.values()) for (const waiter of waiters) return waiter;
    return undefined;
  }

  next(): Waiter | undefined {
    for (const [keyId, waiters] of this.#keys) {
      const [waiter] = waiters;
      if (waiter === undefined) continue;
      waiters.delete(waiter);
      this.#keys.delete(keyId);
      if (waiters.size > 0) this.#keys.set(keyId, waiters); // Behind all others.
      return waiter;
    }
    return undefined;
  }

  remove(waiter: Waiter, keyId: number): boolean {
    const waiters = this.#keys.get(keyId);
    if (!waiters?.delete(waiter)) return false;
    if (waiters.size === 0) this.#keys.delete(keyId);
    return true;
  }

  *[Symbol.iterator](): Generator<Waiter> {
    let lines = [...this.#keys.values()].map((waiters) => waiters.values());
    while (lines.length > 0) {
      const still: typeof lines = [];
      for (const line of lines) {
        const { value, done } = line.next();
        if (done) continue;
        yield value;
        still.push(line);
      }
      lines = still;
    }
  }
}

export class FairOrder<Waiter extends { party: Party }> {
  /** By priority, the highest first: there are as many as tiers. */
  #rotations: { priority: number; rotation: Rotation<Waiter> }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when a request of this key waits. */
  has({ keyId, priority }: Party): boolean {
    return this.#rotations.find((one) => one.priority === priority)?.rotation.has(keyId) ?? false;
  }

  add(waiter: Waiter): void {
    const { priority, keyId } = waiter.party;
    let found = this.#rotations.find((one) => one.priority === priority);
    if (!found) {
      found = { priority, rotation: new Rotation<Waiter>() };
      this.#rotations.push(found);
      this.#rotations.sort((one, other) => other.priority - one.priority);
    }
    found.rotation.add(waiter, keyId);
    this.#size++;
  }

  /** Who is next, left in its place. */
  first(): Waiter | undefined {
    return this.#rotations[0]?.rotation.first();
  }

  /** Takes out who is next. */
  next(): Waiter | undefined {
    const [first] = this.#rotations;
    if (!first) return undefined;
    const waiter = first.rotation.next();
    this.#size--;
    if (first.rotation.isEmpty) this.#rotations.shift();
    return waiter;
  }

  remove(waiter: Waiter): void {
    const { priority, keyId } = waiter.party;
    const found = this.#rotations.find((one) => one.priority === priority);
    if (!found?.rotation.remove(waiter, keyId)) return;
    this.#size--;
    if (found.rotation.isEmpty) this.#rotations = this.#rotations.filter((one) => one !== found);
  }

  /** All waiters, the next one first. */
  *[Symbol.iterator](): Generator<Waiter> {
    for (const { rotation } of this.#rotations) yield* rotation;
  }
}
