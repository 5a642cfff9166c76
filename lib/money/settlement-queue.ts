/** Settlements on their way to the disk. What waits while one batch is committed makes up the next: no timer. */
import { setTimeout as delay } from "node:timers/promises";
import type { SettlementEntry } from "../data/types.ts";
import { isStorageFailure } from "./storage-failure.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface SettlementQueueOptions {
  /** Commits a batch, whole or not at all; repeating it does no harm. */
  write(batch: readonly SettlementEntry[]): Promise<void>;
  /** The database will never take this one: what it did to the balance has to be undone. */
  onRefused(entry: SettlementEntry, error: unknown): void;
  /** Told when writing begins to fail and when it works again. */
  onStorage?(ok: boolean, error?: unknown): void;
  /** Milliseconds between attempts while nothing can be written. */
  retryMs?: number;
}

interface Waiting {
  entry: SettlementEntry;
  resolve(): void;
  reject(error: unknown): void;
}

/** What has to be tried again, and why. */
interface StorageFailure {
  undecided: Waiting[];
  error: unknown;
}

/** Keeps a transaction short, about 10 ms, when many have gathered. */
const maxBatch = 500;

/** Beyond this a larger batch saves little: a transaction costs about 90 us of CPU, and 9 us more for each row. */
const gatheredBatch = 16;

/** With 16 clients at once, one quiet turn gathers 9 at a time and two gather 14, at the same latency. */
const maxQuietTurns = 2;

export class SettlementQueue {
  readonly #options: SettlementQueueOptions;
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #storageOk = true;
  /** How many the write under way has. */
  #committing = 0;

  constructor(options: SettlementQueueOptions) {
    this.#options = options;
  }

  /** False from a failed write until one succeeds. */
  get storageOk(): boolean {
    return this.#storageOk;
  }

  /** How many are not known to be on disk. */
  get size(): number {
    return this.#waiting.length + this.#committing;
  }

  /**
   * Resolves when the settlement is committed, or when the storage is found not to take it: then it stays queued until
   * it can be written, as its client need not wait for a disk to be cleared. Rejects when it never can be written.
   */
  add(entry: SettlementEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#working ??= this.#work();
      if (!this.#storageOk) resolve();
    });
  }

  /** Resolves when everything added so far is on disk. */
  async flush(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#take();
      this.#committing = batch.length;
      const failure = await this.#commit(batch);
      this.#committing = 0;
      if (!failure) continue;
      this.#waiting = [...failure.undecided, ...this.#waiting];
      this.#setStorageOk(false, failure.error);
      for (const waiting of this.#waiting) waiting.resolve();
      await delay(this.#options.retryMs ?? 500);
    }
    this.#working = undefined;
  }

  /**
   * Waits while the turns of the event loop bring more: requests that end together share a transaction, which costs as
   * much for one as for ten. With nothing else going on these are two turns, some microseconds.
   */
  async #gather(): Promise<void> {
    let quietTurns = 0;
    while (quietTurns < maxQuietTurns && this.#waiting.length < gatheredBatch) {
      const known = this.#waiting.length;
      await nextTurn();
      quietTurns = this.#waiting.length > known ? 0 : quietTurns + 1;
    }
  }

  #take(): Waiting[] {
    if (this.#waiting.length > maxBatch) return this.#waiting.splice(0, maxBatch);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** Answers each of the batch, unless the storage fails. */
  async #commit(batch: Waiting[]): Promise<StorageFailure | undefined> {
    try {
      await this.#options.write(batch.map((waiting) => waiting.entry));
    } catch (error) {
      if (isStorageFailure(error)) return { undecided: batch, error };
      return this.#commitSingly(batch, error);
    }
    this.#setStorageOk(true);
    for (const waiting of batch) waiting.resolve();
    return undefined;
  }

  /** One settlement that the database refuses must not hold up the others of its batch. */
  async #commitSingly(batch: Waiting[], error: unknown): Promise<StorageFailure | undefined> {
    const [only] = batch;
    if (only && batch.length === 1) {
      this.#options.onRefused(only.entry, error);
      only.reject(error);
      return undefined;
    }
    for (const [index, waiting] of batch.entries()) {
      const failure = await this.#commit([waiting]);
      if (failure) return { undecided: batch.slice(index), error: failure.error };
    }
    return undefined;
  }

  #setStorageOk(ok: boolean, error?: unknown): void {
    if (ok === this.#storageOk) return;
    this.#storageOk = ok;
    this.#options.onStorage?.(ok, error);
  }
}
