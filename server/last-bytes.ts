/** The last lines of a log, in memory that never grows: taking more costs a copy of the bytes, whatever lines they hold. */

const newLine = 10;

export class LastBytes {
  readonly #ring: Buffer;
  /** Where the next byte goes. */
  #next = 0;
  #isFull = false;

  /** @param sizeBytes what is kept */
  constructor(sizeBytes: number) {
    this.#ring = Buffer.alloc(sizeBytes);
  }

  add(bytes: Buffer): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#ring.length));
    const copied = kept.copy(this.#ring, this.#next);
    kept.copy(this.#ring, 0, copied);
    if (this.#next + kept.length >= this.#ring.length) this.#isFull = true;
    this.#next = (this.#next + kept.length) % this.#ring.length;
  }

  /** All that is kept, oldest first; the first line may be cut. */
  bytes(): Buffer {
    const newer = this.#ring.subarray(0, this.#next);
    return this.#isFull ? Buffer.concat([this.#ring.subarray(this.#next), newer]) : Buffer.from(newer);
  }

  /** The last whole lines, oldest first. */
  lines(count: number): string[] {
    const bytes = this.bytes();
    const whole = this.#isFull ? bytes.subarray(bytes.indexOf(newLine) + 1) : bytes;
    const lines = whole.toString("utf8").split("\n").slice(0, -1);
    return count > 0 ? lines.slice(-count) : [];
  }
}
