/** Chance that can be had again: the same seed rolls the same. */

/** `ACCOUNTING_SEED` repeats a run: each client then asks the same, and means to leave at the same place. */
export function seedOfRun(): number {
  const seed = Number(process.env.ACCOUNTING_SEED || Math.floor(Math.random() * 2 ** 31));
  console.log(`ACCOUNTING_SEED=${seed}`);
  return seed;
}

export class Dice {
  #state: number;

  /** @param seed any 32-bit integer */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1, by Mulberry32. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** True as often as this share of 1 says. */
  chance(share: number): boolean {
    return this.roll() < share;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.roll() * (most - least + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item;
  }

  /** As many as asked for. */
  several<Item>(count: number, one: () => Item): Item[] {
    return Array.from({ length: count }, one);
  }
}
