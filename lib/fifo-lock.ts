/** One at a time, in the order of asking: for a connection, or for changes that must not overlap. */
export class FifoLock {
  #tail: Promise<void> | undefined;

  /** Waits for its turn. The turn lasts until the returned function is called; calling it twice is harmless. */
  async acquire(): Promise<() => void> {
    const before = this.#tail;
    let open: () => void = () => {};
    const own = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#tail = own;
    await before;
    return () => {
      if (this.#tail === own) this.#tail = undefined;
      open();
    };
  }

  /** Runs one piece of work in its turn. */
  async run<Value>(work: () => Value | Promise<Value>): Promise<Value> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
