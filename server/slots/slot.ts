/** One slot: the only writer of its state, and the hands that carry out what the state decides. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { Config } from "../../lib/config/schema.ts";
import type { LoadRequest, RoutableModel } from "../../lib/slots/types.ts";
import type { Diagnosis } from "./doctor/facts.ts";
import { gatewayStopped, hung, loadTimeout, replaced, restarted, unloaded } from "./doctor/known-ends.ts";
import type { EngineLog } from "./engine-log.ts";
import { engineMemory } from "./engine-memory.ts";
import type { PlannedEngine, RunningEngine } from "./engines/engine.ts";
import { type EndedEngine, failureOfRun, failureOfStart } from "./failure.ts";
import type { EngineExit } from "./processes/engine-process.ts";
import { Gate, type GateListener } from "./queue/gate.ts";
import { keptLines, type RecordedRun, type RunHistory } from "./run-history.ts";
import { nameIn } from "./snapshot.ts";
import { emptySlot, type SlotEvent, type SlotState, transition, type Wish } from "./state.ts";
import type { Timings } from "./timings.ts";

export interface SlotServices {
  config: () => Config;
  plan(request: LoadRequest, port: number): Promise<PlannedEngine>;
  timings: Timings;
  log: Logger;
  gates: GateListener;
  history: RunHistory;
  /** Told after every change of what a slot shows. Must not throw. */
  onChange(slot: Slot): void;
}

export class Slot {
  state: SlotState = emptySlot;
  /** What it runs, starts, or last failed to run; null until that is worked out. */
  planned: PlannedEngine | null = null;
  /** What was judged to fit before it was wanted, until the start has planned it itself. */
  expected: PlannedEngine | null = null;
  running: RunningEngine | null = null;
  /** The sequences of a ready engine, and of one that drains. */
  gate: Gate | null = null;
  pid: number | null = null;
  /** While it drains: requests for its model may have it loaded again, as if it were empty already. */
  isReleased = false;
  /** What is written down of the engine that runs or starts; null where there is none. */
  run: RecordedRun | null = null;
  readonly #hurry = new AbortController();
  #plannedRequest: LoadRequest | null = null;
  /** What was started last is measured, and not for clients. */
  #isTrial = false;
  #starting: AbortController | null = null;
  #retry: NodeJS.Timeout | undefined;
  #graceMs: number;
  /** Set while we end the engine ourselves. */
  #knownEnd: Diagnosis | null = null;

  constructor(
    readonly port: number,
    readonly output: EngineLog,
    readonly services: SlotServices,
  ) {
    this.#graceMs = services.timings.stopGraceMs;
  }

  /**
   * Makes it run this, or nothing. Returns at once.
   * @param expected what was judged to fit, so that whatever is judged next counts it at once
   */
  want(wish: Wish | null, expected: PlannedEngine | null = null): void {
    if (wish?.origin !== "demand") this.isReleased = false;
    this.#want(wish, expected);
  }

  /** Empties it without a word about its model: whoever names that next has it loaded again. */
  release(): void {
    this.isReleased = true;
    this.#want(null, null);
  }

  /** Empties it for good, without waiting for running requests; the engine is killed after `graceMs`. */
  endNow(graceMs: number): void {
    this.#graceMs = graceMs;
    this.#hurry.abort();
    this.want(null);
  }

  /** Ends an engine that does not do its work; it is started again as after a crash. */
  end(reason: string): void {
    const { running, gate, port } = this;
    if (!running || this.#knownEnd) return;
    this.services.log.warn({ port, reason }, "An engine is ended because it does not work.");
    if (gate) gate.open = false;
    this.#knownEnd = hung(reason);
    this.#carryOut(async () => {
      await running.stop(0);
      this.#ended(running, null);
    });
  }

  /** What requests are routed by; null while it is not known what runs here. */
  model(): RoutableModel | null {
    const { status } = this.state;
    return this.planned && status !== "empty" && !this.#isTrial ? { ...this.planned.model, status } : null;
  }

  /** The model whose line it serves, now or after a restart; null where it has none to offer. */
  serves(): string | null {
    const { status, wish } = this.state;
    if (!this.planned || status === "empty" || status === "failed" || this.#isTrial) return null;
    if (status === "draining" && !isDeepStrictEqual(wish?.request, this.#plannedRequest)) return null;
    return this.planned.model.id;
  }

  #want(wish: Wish | null, expected: PlannedEngine | null): void {
    this.expected = wish ? expected : null;
    this.#apply({ kind: "want", wish });
  }

  #apply(event: SlotEvent): void {
    const before = this.state;
    const { timings } = this.services;
    const { state, effect } = transition(before, event, performance.now(), timings.restart);
    this.state = state;
    if (state.status !== before.status) this.#noteChange(before);
    if (state.status !== "crashed") clearTimeout(this.#retry);
    if (state.status === "empty") this.#plan(null, null);
    if (this.gate && state.status !== "ready") this.gate.open = false;
    if (state.status !== "ready" && state.status !== "draining") this.gate = null;
    if (effect?.kind === "start") {
      const { generation, wish } = effect;
      this.#isTrial = wish.origin === "trial";
      this.isReleased = false;
      this.#carryOut(() => this.#start(generation, wish.request));
    }
    if (effect?.kind === "stop") this.#carryOut(() => this.#stop(effect.generation));
    if (effect?.kind === "retry") {
      const { generation, afterMs } = effect;
      this.#retry = setTimeout(() => this.#apply({ kind: "retry", generation }), afterMs);
    }
    this.services.onChange(this);
  }

  async #start(generation: number, request: LoadRequest): Promise<void> {
    const starting = new AbortController();
    this.#starting = starting;
    const run = this.services.history.begin(this.port);
    this.run = run;
    if (!isDeepStrictEqual(request, this.#plannedRequest)) this.#plan(null, null);
    const limitS = this.services.config().load_timeout_s;
    let isTooLate = false;
    const deadline = setTimeout(() => {
      isTooLate = true;
      starting.abort();
    }, limitS * 1000);
    try {
      this.#ready(generation, await this.#launch(request, starting.signal));
    } catch (error) {
      this.pid = null;
      const known = isTooLate ? loadTimeout(limitS) : starting.signal.aborted ? this.#ownEnd(request) : null;
      const failure = failureOfStart(this.#endedEngine(known), error);
      this.#endRun(run, failure, request);
      this.#apply({ kind: "ended", generation, failure });
    } finally {
      clearTimeout(deadline);
    }
  }

  async #launch(request: LoadRequest, signal: AbortSignal): Promise<RunningEngine> {
    const planned = await this.services.plan(request, this.port);
    signal.throwIfAborted();
    this.#plan(planned, request);
    this.run?.planned(planned);
    this.services.onChange(this);
    this.output.begin(`Starting ${planned.model.id} on port ${this.port}.`);
    const onProcess = (pid: number) => {
      this.pid = pid;
    };
    const running = await planned.start({ port: this.port, log: this.output, signal, onProcess });
    if (signal.aborted) await running.stop(0);
    signal.throwIfAborted();
    return running;
  }

  #ready(generation: number, running: RunningEngine): void {
    const { planned } = this;
    if (!planned) return;
    const model: RoutableModel = { ...planned.model, status: "ready" };
    const facts = { engine: running.engine, port: this.port, model, capacity: planned.parallel };
    this.running = running;
    this.gate = new Gate(facts, this.services.gates);
    this.run?.ready();
    this.#carryOut(() => measureMemory(running, planned.files, this.run));
    running.exited.then((exit) => this.#ended(running, exit));
    this.#apply({ kind: "ready", generation });
  }

  /** The engine is gone, although nobody asked for it, or because it was no good. @param exit null for a remote */
  #ended(running: RunningEngine, exit: EngineExit | null): void {
    if (this.running !== running) return;
    const failure = failureOfRun(this.#endedEngine(this.#knownEnd), running.pid === null, exit);
    this.#endRun(this.run, failure, this.#plannedRequest);
    this.#forget();
    this.#apply({ kind: "ended", generation: this.state.generation, failure });
  }

  async #stop(generation: number): Promise<void> {
    this.#starting?.abort();
    const { running, gate } = this;
    // A start that is given up says itself when nothing is left of it.
    if (!running) return;
    await within(this.services.config().drain_s * 1000, gate?.idle(), this.#hurry.signal);
    if (this.running === running) this.#knownEnd ??= this.#ownEnd(this.#plannedRequest);
    await running.stop(this.#graceMs);
    // A process says so itself; a remote does not.
    this.#ended(running, null);
    this.#apply({ kind: "stopped", generation });
  }

  #endedEngine(known: Diagnosis | null): EndedEngine {
    const { output, planned, running } = this;
    return { known, output, wasReady: running !== null, settings: planned?.settings ?? null };
  }

  #endRun(run: RecordedRun | null, end: Diagnosis, request: LoadRequest | null): void {
    run?.end(end, nameIn(request ?? undefined), this.output.lastOfRun(keptLines));
    if (this.run === run) this.run = null;
  }

  /** Why we end an engine that nothing is wrong with. @param request what it runs */
  #ownEnd(request: LoadRequest | null): Diagnosis {
    const { wish } = this.state;
    if (this.#hurry.signal.aborted) return gatewayStopped;
    if (!wish) return unloaded;
    return isDeepStrictEqual(wish.request, request) ? restarted : replaced;
  }

  #plan(planned: PlannedEngine | null, request: LoadRequest | null): void {
    if (planned || this.state.status === "empty") this.expected = null;
    this.planned = planned;
    this.#plannedRequest = request;
  }

  #forget(): void {
    this.running = null;
    this.pid = null;
    this.#knownEnd = null;
  }

  #carryOut(effect: () => Promise<void>): void {
    effect().catch((error) => this.services.log.error(error, "A slot's engine could not be handled."));
  }

  #noteChange({ status }: SlotState): void {
    const { log } = this.services;
    const facts = { port: this.port, model: this.planned?.model.id, from: status, to: this.state.status };
    const { failure } = this.state;
    if (failure) log.error({ ...facts, error: failure.message }, "A slot's engine failed.");
    else log.info(facts, "A slot changed.");
  }
}

/** Resolves with the promise, or when the time is up, or at the signal. */
async function within(ms: number, promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const either = AbortSignal.any([settled.signal, signal]);
  const timeUp = sleep(ms, undefined, { signal: either }).catch(() => undefined);
  await Promise.race([promise, timeUp]);
  settled.abort();
}

/** By now it has answered once. */
async function measureMemory(
  { pid }: RunningEngine,
  files: readonly string[],
  run: RecordedRun | null,
): Promise<void> {
  const memory = pid === null ? null : await engineMemory(pid, files);
  if (memory) run?.measured(memory.needBytes);
}
