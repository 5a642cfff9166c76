/** Lets others wait for what becomes of a slot. */
export class Changes {
  readonly #checks = new Set<() => void>();

  /** Call it after every change. */
  notify(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Calls the listener after every change. Returns a function that stops it. */
  subscribe(listener: () => void): () => void {
    this.#checks.add(listener);
    return () => this.#checks.delete(listener);
  }

  /**
   * Resolves with the first value that `look` gives, which is asked now and after every change.
   * @throws what `look` throws
   */
  until<Value>(look: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const check = () => {
        try {
          const value = look();
          if (value === undefined) return;
          resolve(value);
        } catch (error) {
          reject(error);
        }
        this.#checks.delete(check);
      };
      this.#checks.add(check);
      check();
    });
  }
}
