/** The sequences of one running engine, and the right to use one of them. */
import { Roster, type Seated } from "../../../lib/roster.ts";
import type {
  Engine,
  Lease,
  LeaseOptions,
  QueueSnapshot,
  RoutableModel,
  Suspicion,
} from "../../../lib/slots/types.ts";

export interface GateFacts {
  engine: Engine;
  port: number;
  model: RoutableModel;
  /** Sequences: requests at once, where each needs one. */
  capacity: number;
}

export interface GateListener {
  /**
   * A sequence is free again.
   * @param heldMs how long it was used
   * @param silentMs for how much of that, up to now, the engine had shown no work to anybody
   */
  onRelease(gate: Gate, heldMs: number, silentMs: number): void;
  /** A request has found something wrong. */
  onSuspect(gate: Gate, reason: Suspicion): void;
}

/** One for each start of an engine: leases of an ended engine do not count for the next one. */
export class Gate {
  /** Requests. */
  inFlight = 0;
  #sequencesInUse = 0;
  /** False while the engine is being looked at, and from when it shall end. */
  open = true;
  /** When the engine last showed that it works; monotonic. */
  lastProgressMs = performance.now();
  /** When a request last began or ended, or else when the engine became ready; monotonic. */
  lastUsedMs = this.lastProgressMs;
  readonly #leases = new Roster<SequenceLease>();
  #onIdle: (() => void) | null = null;

  constructor(
    readonly facts: GateFacts,
    readonly listener: GateListener,
  ) {}

  /** How much of it is in use, from 0 to 1; for an engine without a bound, how many of its sequences. */
  get load(): number {
    const { capacity } = this.facts;
    return Number.isFinite(capacity) ? this.#sequencesInUse / capacity : this.#sequencesInUse;
  }

  hasRoom(sequences = 1): boolean {
    return this.open && this.#sequencesInUse + this.#most(sequences) <= this.facts.capacity;
  }

  /** Takes the sequences that a request asks for. The caller has seen that there is room. */
  grant(queuedMs: number, options: LeaseOptions | null = null): Lease {
    this.inFlight++;
    const lease = new SequenceLease(this, queuedMs, options, this.#most(options?.sequences ?? 1));
    this.#sequencesInUse += lease.sequences;
    this.lastUsedMs = lease.startedMs;
    this.#leases.add(lease);
    return lease;
  }

  giveBack(lease: SequenceLease): void {
    if (!this.#leases.remove(lease)) return;
    this.inFlight--;
    this.#sequencesInUse -= lease.sequences;
    if (this.inFlight === 0) this.#onIdle?.();
    const nowMs = performance.now();
    this.lastUsedMs = nowMs;
    const lastShownMs = Math.max(lease.lastMovedMs, this.lastProgressMs);
    this.listener.onRelease(this, nowMs - lease.startedMs, nowMs - lastShownMs);
  }

  /** The engine did a piece of work: a request's, or one of ours. */
  worked(): void {
    this.lastProgressMs = performance.now();
  }

  /** A request that could use more than there are has the engine to itself, and works off the rest one after another. */
  #most(sequences: number): number {
    return Math.min(sequences, this.facts.capacity);
  }

  /** The requests that have a sequence, the longest one first. */
  requests(nowMs: number): QueueSnapshot["engines"][number]["inFlight"] {
    return [...this.#leases].flatMap(({ options, queuedMs, startedMs }) =>
      options?.request ? { ...options.request, queuedMs, runningMs: nowMs - startedMs } : [],
    );
  }

  /** Resolves when no sequence is in use. */
  idle(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /**
   * True when a request waits for the engine for this long, and no other one moved meanwhile. A long prompt can keep
   * the others of its engine waiting for minutes: then it is the one that moves.
   */
  isStalled(nowMs: number, stallMs: number): boolean {
    if (nowMs - this.lastProgressMs < stallMs) return false;
    for (const lease of this.#leases) if (nowMs - lease.lastMovedMs >= stallMs) return true;
    return false;
  }
}

/** The right to use sequences of an engine. */
class SequenceLease implements Lease, Seated {
  place = -1;
  readonly engine: Engine;
  readonly port: number;
  readonly model: RoutableModel;
  lastMovedMs = performance.now();
  readonly startedMs = this.lastMovedMs;

  constructor(
    readonly gate: Gate,
    readonly queuedMs: number,
    readonly options: LeaseOptions | null,
    readonly sequences: number,
  ) {
    this.engine = gate.facts.engine;
    this.port = gate.facts.port;
    this.model = gate.facts.model;
  }

  progressed(): void {
    this.gate.worked();
    this.lastMovedMs = this.gate.lastProgressMs;
  }

  held(): void {
    this.lastMovedMs = performance.now();
  }

  release(): void {
    this.gate.giveBack(this);
  }

  suspect(reason: Suspicion): void {
    this.gate.listener.onSuspect(this.gate, reason);
  }
}
