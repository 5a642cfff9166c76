/** Copies of the database, each made in a thread of its own: a large one takes minutes, and no query may wait for it. */
import { FifoLock } from "../../lib/fifo-lock.ts";
import type { ThreadOptions } from "./protocol.ts";
import { ThreadClient } from "./thread-client.ts";

export class Copier {
  readonly #options: ThreadOptions;
  /** Two at a time would only share the disk. */
  readonly #oneAtATime = new FifoLock();

  constructor(options: Omit<ThreadOptions, "role">) {
    this.#options = { ...options, role: "copier" };
  }

  /** Writes a complete copy to `file`, after those that were asked for before. @throws DatabaseError */
  copy(file: string): Promise<void> {
    return this.#oneAtATime.run(async () => {
      const thread = new ThreadClient(this.#options);
      try {
        await thread.call("copy", file);
      } finally {
        await thread.close();
      }
    });
  }

  /** Resolves when no copy is under way. */
  idle(): Promise<void> {
    return this.#oneAtATime.run(() => {});
  }
}
