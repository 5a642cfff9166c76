/** Counts values by size, as cheaply as can be: prom-client's own histogram hashes its labels for each value. */
export class Distribution {
  /** How many values are at most `bounds[index]` and above the bound before it; the last one has no bound. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  /** @param bounds ascending */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const { bounds, counts } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index++;
    counts[index] = (counts[index] as number) + 1;
    this.sum += value;
    this.count++;
  }
}
