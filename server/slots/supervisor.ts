/** Builds the slots and everything around them: this is what the rest of the program knows as `Slots`. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { ConfigStore } from "../../lib/config/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { LogListener } from "../../lib/logs.ts";
import type {
  ActionOptions,
  Lease,
  LeaseOptions,
  LoadChange,
  LoadOptions,
  LoadRequest,
  LocalModel,
  QueueSnapshot,
  RoutableModel,
  SlotSnapshot,
  Slots,
  UnloadOptions,
  WantedSlot,
} from "../../lib/slots/types.ts";
import { createMachineReader } from "../machine/machine-reader.ts";
import { isAtWork } from "./at-work.ts";
import { Changes } from "./changes.ts";
import { EngineLog } from "./engine-log.ts";
import { createEngines, type Engines } from "./engines/engines.ts";
import { FitCheck } from "./fit-check.ts";
import { ModelList } from "./model-list.ts";
import { OnDemand } from "./on-demand/on-demand.ts";
import { Operations } from "./operations.ts";
import { UsageMeter } from "./process-usage.ts";
import type { Gate } from "./queue/gate.ts";
import { Turnstiles } from "./queue/turnstiles.ts";
import { prepareRetry } from "./retry.ts";
import { RunHistory } from "./run-history.ts";
import { shutDownSlots } from "./shutdown.ts";
import { Slot, type SlotServices } from "./slot.ts";
import type { SlotsOptions } from "./slots-options.ts";
import { describeSlot } from "./snapshot.ts";
import { timings as standardTimings, type Timings } from "./timings.ts";
import { tryOut } from "./trial.ts";
import { Trials } from "./trials.ts";
import { Watchdog } from "./watchdog.ts";

/** For headers to be read at the start: a slow disk must not keep the gateway from answering. */
const planMs = 5_000;
/** For the last rows of the slots' history: a disk that hangs must not keep the process from ending. */
const historyMs = 2_000;

export const createSlots = (options: SlotsOptions) => new Supervisor(options);

export class Supervisor implements Slots {
  /** Engines that are measured. */
  readonly trials: Trials;
  readonly #config: ConfigStore;
  readonly #timings: Timings;
  readonly #modelsDir: string;
  readonly #engines: Engines;
  readonly #slots: readonly Slot[];
  readonly #changes = new Changes();
  readonly #turnstiles: Turnstiles;
  readonly #models: ModelList;
  readonly #watchdog: Watchdog;
  readonly #operations: Operations;
  readonly #history: RunHistory;
  readonly #onDemand: OnDemand;
  readonly #fit: FitCheck;
  readonly #usage = new UsageMeter();
  #isClosing = false;
  #stopFollowing = () => {};

  constructor({
    config,
    environment,
    log,
    timings = standardTimings,
    helpers,
    database,
    machine = createMachineReader(),
  }: SlotsOptions) {
    this.#config = config;
    this.#timings = timings;
    this.#modelsDir = path.join(environment.dataDir, "models");
    this.#engines = createEngines(environment, () => config.current, log);
    this.#fit = new FitCheck({
      slots: () => this.#slots,
      catalogue: this.#engines.catalogue,
      machine,
      config: () => config.current,
      learned: database?.slotRuns.learned ?? null,
      plan: this.#engines.plan,
      log,
    });
    this.#turnstiles = new Turnstiles(() => ({
      maxWaiting: config.current.queue.max_waiting,
      deadlineMs: config.current.queue.deadline_s * 1000,
    }));
    this.#history = new RunHistory(database?.slotRuns ?? null, log);
    const services = this.#slotServices(log);
    const logsDir = path.join(environment.dataDir, "logs");
    this.#slots = config.slotPorts.map(
      (port) => new Slot(port, new EngineLog(path.join(logsDir, `slot-${port}.log`)), services),
    );
    this.#onDemand = new OnDemand({
      slots: this.#slots,
      config: () => config.current,
      changes: this.#changes,
      turnstiles: this.#turnstiles,
      models: () => this.#models,
      modelsDir: this.#modelsDir,
      plan: (request) => this.#fit.plan(request),
      helpers: helpers ?? this.#fit,
      refuseWhenClosing: () => this.#refuseWhenClosing(),
      timings: timings.onDemand,
      log,
    });
    this.#models = new ModelList({
      catalogue: this.#engines.catalogue,
      slots: this.#slots,
      config: () => config.current,
      remembered: (model) => this.#onDemand.remembered(model),
      log,
    });
    this.#watchdog = new Watchdog({
      slots: this.#slots,
      timings,
      stallMs: () => config.current.engine_stall_s * 1000,
      isAtWork,
      onCleared: (gate) => this.#withSlot(gate, (slot) => this.#turnstiles.sync(slot)),
      log,
    });
    this.#operations = new Operations({
      slots: this.#slots,
      config,
      changes: this.#changes,
      plan: (request, port) => this.#fit.plan(request, port),
      refuseWhenClosing: () => this.#refuseWhenClosing(),
    });
    this.trials = new Trials({
      slots: this.#slots,
      changes: this.#changes,
      plan: (request) => this.#fit.plan(request),
      lines: this.#turnstiles,
      refuseWhenClosing: () => this.#refuseWhenClosing(),
    });
  }

  /**
   * Ends what an earlier gateway left behind and begins to load what the configuration wishes. Resolves when it is
   * known which models that will be, which is long before they are loaded.
   */
  async start(): Promise<void> {
    await mkdir(this.#modelsDir, { recursive: true });
    await this.#engines.endLeftovers();
    this.#history.start();
    for (const slot of this.#slots) {
      const request = this.#config.current.slots[slot.port];
      if (request) slot.want({ request, origin: "config" });
    }
    this.#stopFollowing = this.#config.onChange((next, previous) => {
      this.#onDemand.configChanged(next, previous);
      this.#models.invalidate();
      if (!this.#isClosing) this.#operations.follow(next, previous);
    });
    this.#watchdog.start();
    this.#onDemand.start();
    const isPlanned = (slot: Slot) => slot.planned !== null || slot.state.status !== "starting";
    const planned = this.#changes.until(() => this.#slots.every(isPlanned) || undefined);
    await Promise.race([planned, sleep(planMs, undefined, { ref: false })]);
    // Not earlier: reading the headers of all models would keep those that are wanted now waiting.
    if (!this.#isClosing) this.#models.start(this.#timings.rescanEveryMs);
  }

  /**
   * Takes no more requests, lets running ones finish, and ends every engine. Resolves when none is left, at the latest
   * after `deadlineMs`. Bound to this, so that it can be handed on.
   */
  readonly shutdown = async (deadlineMs: number): Promise<void> => {
    this.#isClosing = true;
    this.#stopFollowing();
    this.#watchdog.stop();
    this.#onDemand.stop();
    const scanned = this.#models.stop();
    await shutDownSlots(this.#slots, this.#turnstiles, this.#changes, deadlineMs);
    // Whatever would still be there is ended by the reaper.
    this.#engines.close();
    await Promise.race([this.#history.flush(), sleep(historyMs, undefined, { ref: false })]);
    await Promise.all([scanned, ...this.#slots.map(({ output }) => output.flush())]);
  };

  models(): readonly RoutableModel[] {
    return this.#models.current();
  }

  readyCount(): number {
    return this.#slots.reduce((count, { state }) => count + (state.status === "ready" ? 1 : 0), 0);
  }

  lease(modelId: string, options: LeaseOptions): Lease | Promise<Lease> {
    this.#refuseWhenClosing();
    const line = this.#turnstiles.get(modelId) ?? this.#onDemand.open(modelId, options);
    return line.lease(options);
  }

  snapshot(): Promise<SlotSnapshot[]> {
    return this.#describe(this.#slots);
  }

  readonly subscribe = (listener: () => void) => this.#changes.subscribe(listener);

  queue(): QueueSnapshot {
    return this.#turnstiles.snapshot(this.#slots, performance.now());
  }

  async localModels(): Promise<LocalModel[]> {
    return [...(await this.#models.scan())];
  }

  async load(port: WantedSlot, request: LoadRequest, options?: LoadOptions): Promise<SlotSnapshot> {
    return this.#describeOne(await this.#operations.load(port, request, options));
  }

  async unload(port: number, options?: UnloadOptions): Promise<SlotSnapshot> {
    return this.#describeOne(await this.#operations.unload(port, options));
  }

  async restart(port: number, options?: ActionOptions): Promise<SlotSnapshot> {
    return this.#describeOne(await this.#operations.restart(port, options));
  }

  async retry(port: number, change?: LoadChange, options?: LoadOptions): Promise<SlotSnapshot> {
    const request = await prepareRetry(this.#operations.slotAt(port), change, this.#engines.plan);
    return this.load(port, request, options);
  }

  readonly sizeFit = () => this.#fit.sizeFit();
  readonly fit = (request: LoadRequest, port?: number) => this.#fit.answer(request, port);

  readonly tryOut = (port: number) =>
    tryOut(this.#operations.slotAt(port), this.#config.current.engine_stall_s * 1000);

  logs(port: number, lines: number): string[] {
    return this.#operations.slotAt(port).output.last(lines);
  }

  async logFile(port: number): Promise<ReadableStream<Uint8Array>> {
    return this.#operations.slotAt(port).output.download();
  }

  followLogs(port: number, listener: LogListener): () => void {
    return this.#operations.slotAt(port).output.subscribe(listener);
  }

  #slotServices(log: Logger): SlotServices {
    return {
      config: () => this.#config.current,
      plan: (request, port) => this.#fit.planStart(request, port),
      timings: this.#timings,
      log,
      history: this.#history,
      gates: {
        onRelease: (gate, heldMs, silentMs) => {
          this.#watchdog.onRelease(gate, silentMs);
          this.#withSlot(gate, (slot) => this.#turnstiles.onRelease(slot, heldMs));
        },
        onSuspect: (gate, reason) => this.#watchdog.suspect(gate, reason),
      },
      onChange: (slot) => {
        this.#onDemand.slotChanged(slot);
        this.#models.invalidate();
        this.#turnstiles.sync(slot);
        this.#changes.notify();
      },
    };
  }

  #withSlot(gate: Gate, act: (slot: Slot) => void): void {
    const slot = this.#slots.find(({ port }) => port === gate.facts.port);
    if (slot) act(slot);
  }

  async #describe(slots: readonly Slot[]): Promise<SlotSnapshot[]> {
    const usages = await this.#usage.measure(this.#slots.flatMap(({ pid }) => pid ?? []));
    const waiting = (slot: Slot) => this.#turnstiles.waitingFor(slot);
    return slots.map((slot) => describeSlot(slot, waiting(slot), usages.get(slot.pid ?? 0)));
  }

  async #describeOne(slot: Slot): Promise<SlotSnapshot> {
    const [snapshot] = await this.#describe([slot]);
    if (!snapshot) throw new Error("A slot has no snapshot.");
    return snapshot;
  }

  #refuseWhenClosing(): void {
    if (this.#isClosing)
      throw new GatewayError("draining", "The gateway is shutting down. Try again in a moment.");
  }
}
