/** Writes down every run of an engine. Nothing waits for it, and a full disk costs the history its rows alone. */
import type { Logger } from "pino";
import type { Database } from "../../lib/data/types.ts";
import type { Diagnosis } from "./doctor/facts.ts";
import { gatewayEnded } from "./doctor/known-ends.ts";
import type { PlannedEngine } from "./engines/engine.ts";
import { runFacts } from "./run-facts.ts";

export type RunStore = Database["slotRuns"];

/** Of each slot. */
const keptRuns = 100;
/** Lines of output that are kept with a run. */
export const keptLines = 50;

export class RunHistory {
  /** One write after the other, in the order in which things happened. */
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  /** @param store null: nothing is kept */
  constructor(
    readonly store: RunStore | null,
    readonly log: Pick<Logger, "error">,
  ) {}

  /** Ends what an earlier gateway left open; to be called before the first run begins. */
  start(): void {
    this.write((store) => store.closeOpen(gatewayEnded.cause, gatewayEnded.message));
  }

  /** A run that begins now. */
  begin(port: number): RecordedRun {
    return new RecordedRun(this, port, Date.now());
  }

  /** Resolves when everything so far is written, or has failed. */
  flush(): Promise<void> {
    return this.#writing;
  }

  /** Writes when all before it is written. */
  write(query: (store: RunStore) => Promise<unknown>): void {
    const { store } = this;
    if (!store) return;
    this.#writing = this.#writing
      .then(() => query(store))
      .then(
        () => {
          this.#isFailing = false;
        },
        (error: unknown) => {
          // Once for all that fails in a row: a full disk refuses each of them.
          if (!this.#isFailing) this.log.error(error, "The history of the slots cannot be written.");
          this.#isFailing = true;
        },
      );
  }
}

/** The row of one run. */
export class RecordedRun {
  #id: number | null = null;
  #isBegun = false;
  #isEnded = false;

  constructor(
    readonly history: RunHistory,
    readonly port: number,
    readonly startedAtMs: number,
  ) {}

  /** It is known what shall run. */
  planned({ model, settings }: PlannedEngine): void {
    this.#begin(model.id, async () => runFacts({ settings }));
  }

  /** It has answered. */
  ready(): void {
    const atMs = Date.now();
    this.#change((store, id) => store.ready(id, atMs));
  }

  /** @param memoryBytes of the engine's processes, when it was ready and had answered */
  measured(memoryBytes: number): void {
    this.#change((store, id) => store.measured(id, memoryBytes));
  }

  /**
   * It is over; only the first end counts.
   * @param modelName of what should have run, where that was never worked out
   * @param lastLines what it printed last
   */
  end({ cause, message }: Diagnosis, modelName: string | null, lastLines: readonly string[]): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const endedAtMs = Date.now();
    // Without a plan nothing was started: those lines are an earlier run's.
    const lines = this.#isBegun ? lastLines : [];
    this.#begin(modelName ?? "", async () => ({ fingerprint: "", settings: "{}" }));
    this.#change((store, id) => store.end(id, { endedAtMs, cause, message, lastLines: lines }));
  }

  #begin(modelId: string, look: () => ReturnType<typeof runFacts>): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const { port, startedAtMs } = this;
    this.history.write(async (store) => {
      const facts = await look();
      this.#id = await store.begin({ port, modelId, startedAtMs, ...facts });
      await store.prune(port, keptRuns);
    });
  }

  #change(query: (store: RunStore, id: number) => Promise<void>): void {
    this.history.write(async (store) => {
      // Where its beginning could not be written there is nothing to change.
      if (this.#id !== null) await query(store, this.#id);
    });
  }
}
