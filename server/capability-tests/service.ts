/** Tries what models can really do: once for each file, when nobody wants anything of the gateway. */
import type { Logger } from "pino";
import type { Benchmarks } from "../../lib/benchmarks/types.ts";
import { checksFor } from "../../lib/capability-tests/checks.ts";
import type { CapabilityTests, TestedCapability } from "../../lib/capability-tests/types.ts";
import type { ConfigStore } from "../../lib/config/types.ts";
import type { CapabilityRow } from "../../lib/data/capability-tests.ts";
import type { Database } from "../../lib/data/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { PlannedEngine } from "../slots/engines/engine.ts";
import { runFacts } from "../slots/run-facts.ts";
import type { MeasuredEngine, Trials } from "../slots/trials.ts";
import { testCapability } from "./test-capability.ts";

export interface CapabilityTestServices {
  slots: { readonly trials: Pick<Trials, "serving" | "untilServing" | "busyWith"> };
  database: Pick<Database, "capabilityTests">;
  config: Pick<ConfigStore, "current">;
  benchmarks: Pick<Benchmarks, "isBusy">;
  log: Pick<Logger, "info" | "error">;
  /** For how long nobody may want anything before a test begins. */
  quietMs?: number;
}

const usualQuietMs = 2_000;

export class CapabilityTestService implements CapabilityTests {
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<(row: CapabilityRow) => void>();
  /** Loads that have been looked at. A model that is loaded again is another one. */
  readonly #seen = new WeakSet<PlannedEngine>();
  /** What is still to be tried, by model. */
  readonly #pending = new Map<string, readonly TestedCapability[]>();
  #running: Promise<void> = Promise.resolve();
  #wakeUp = () => {};

  constructor(readonly services: CapabilityTestServices) {}

  /** Watches for models to try. */
  start(): void {
    this.#running = this.#run();
  }

  results(modelId: string | null): Promise<CapabilityRow[]> {
    return this.services.database.capabilityTests.all(modelId);
  }

  retest(modelId: string): readonly TestedCapability[] {
    const [engine] = this.services.slots.trials.serving(modelId);
    if (!engine) throw new GatewayError("conflict", `'${modelId}' is not loaded. Load it first.`);
    const all = checksFor(engine.planned.model.capabilities);
    this.#pending.set(modelId, all);
    this.#wakeUp();
    return all;
  }

  pending(modelId: string): readonly TestedCapability[] {
    return this.#pending.get(modelId) ?? [];
  }

  subscribe(listener: (row: CapabilityRow) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new GatewayError("draining", "The gateway is shutting down."));
    this.#wakeUp();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const engine = await this.#next();
      if (!engine || signal.aborted) continue;
      try {
        await this.#look(engine);
      } catch (error) {
        if (!signal.aborted) this.services.log.error(error, "A model's capabilities could not be tried.");
      }
    }
  }

  /** The next engine to look at; null when something else may have to be done. */
  #next(): Promise<MeasuredEngine | null> {
    const woken = new Promise<null>((resolve) => {
      this.#wakeUp = () => resolve(null);
    });
    return Promise.race([this.services.slots.trials.untilServing((engine) => this.#wants(engine)), woken]);
  }

  #wants({ planned, request }: MeasuredEngine): boolean {
    if (this.#stopping.signal.aborted) return true; // The end of waiting.
    if (this.#pending.has(planned.model.id)) return true;
    // A remote's work may cost money, and whose model it is can change without a word: it is tried on request alone.
    const isFile = request.model_path !== undefined;
    return isFile && this.services.config.current.test_capabilities && !this.#seen.has(planned);
  }

  async #look(engine: MeasuredEngine): Promise<void> {
    const { planned } = engine;
    const { id, capabilities } = planned.model;
    const { fingerprint } = await runFacts(planned);
    const isAsked = this.#pending.has(id);
    if (!isAsked) {
      const known = (await this.results(id)).filter((row) => row.fingerprint === fingerprint);
      const isKnown = (name: TestedCapability) => known.some(({ capability }) => capability === name);
      this.#pending.set(
        id,
        checksFor(capabilities).filter((name) => !isKnown(name)),
      );
    }
    this.#seen.add(planned);
    const { gone, stop } = engine.watch();
    const signal = AbortSignal.any([this.#stopping.signal, gone]);
    const isWanted = () => isAsked || this.services.config.current.test_capabilities;
    try {
      let isQuiet = false;
      for (let name = this.pending(id)[0]; name && isWanted(); name = this.pending(id)[0]) {
        await this.#test(engine, name, { fingerprint, isQuiet, signal });
        isQuiet = true;
      }
    } catch (error) {
      // Unloaded meanwhile: its next load begins again with what is left.
      if (!gone.aborted) throw error;
    } finally {
      stop();
      this.#pending.delete(id);
    }
  }

  async #test(
    engine: MeasuredEngine,
    capability: TestedCapability,
    { fingerprint, isQuiet, signal }: { fingerprint: string; isQuiet: boolean; signal: AbortSignal },
  ): Promise<void> {
    const { slots, benchmarks, config, database, log, quietMs = usualQuietMs } = this.services;
    const modelId = engine.planned.model.id;
    const tested = await testCapability(engine, capability, {
      signal,
      stallMs: config.current.engine_stall_s * 1000,
      quietMs,
      isQuiet,
      busyWith: () => slots.trials.busyWith() + (benchmarks.isBusy ? 1 : 0),
    });
    const row: CapabilityRow = { modelId, capability, fingerprint, ...tested, atMs: Date.now() };
    const { requestId, works } = tested;
    log.info({ requestId, model: modelId, slot: engine.port, capability, works }, "A capability was tried.");
    await database.capabilityTests.record(row);
    this.#pending.set(
      modelId,
      this.pending(modelId).filter((name) => name !== capability),
    );
    for (const listener of this.#listeners) listener(row);
  }
}
