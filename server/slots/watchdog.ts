/** Looks after running engines: a process can be there, and even answer, without doing its work. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Suspicion } from "../../lib/slots/types.ts";
import { withDeadline } from "./deadline.ts";
import type { RunningEngine } from "./engines/engine.ts";
import { lacksProof } from "./proof.ts";
import type { Gate } from "./queue/gate.ts";
import type { Slot } from "./slot.ts";
import { isSuspicious } from "./suspicion.ts";
import type { Timings } from "./timings.ts";
import { WatchedGates } from "./watched.ts";

export type WatchedSlot = Pick<Slot, "gate" | "state" | "running" | "end">;

export interface WatchdogServices {
  slots: readonly WatchedSlot[];
  timings: Timings;
  /** Silence of a request after which its engine counts as hung. */
  stallMs(): number;
  /** Whether a process computes. */
  isAtWork(pid: number): Promise<boolean>;
  /** Told when a suspected engine turned out to be well: its gate is open again. */
  onCleared(gate: Gate): void;
  log: Pick<Logger, "error">;
}

/** A remote is looked at this much more rarely than a process of ours. */
const remoteFactor = 6;
/** How many times as long an engine may show nothing while it computes. */
const workFactor = 10;
/** For news of a process that has just died. */
const exitMs = 100;

export class Watchdog {
  readonly #watched = new WatchedGates();
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly services: WatchdogServices) {}

  start(): void {
    this.#timer = setInterval(() => this.#round(), this.services.timings.probeEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A request has found something wrong: look at the engine now. */
  suspect(gate: Gate, reason: Suspicion): void {
    const slot = this.#readySlot(gate);
    if (!slot?.running) return;
    const { isLookedAt, isProving } = this.#watched.of(gate);
    if (reason === "connection_lost" && !isLookedAt) this.#run(this.#probeNow(slot, gate));
    // A remote is another operator's: what it does for others cannot be seen, and nothing here can restart it.
    if (reason === "stalled" && slot.running.pid !== null && !isProving)
      this.#run(this.#demandProof(gate, slot, slot.running));
  }

  /**
   * A request has ended, in whatever way.
   * @param silentMs for how long the engine had shown no work to anybody, within the time of this request
   */
  onRelease(gate: Gate, silentMs: number): void {
    const { suspicionMs } = this.services.timings;
    // All but a few requests end here, without a search for their slot.
    if (silentMs < suspicionMs) return;
    const slot = this.#readySlot(gate);
    if (!slot?.running) return;
    const ending = { silentMs, showsWork: slot.running.stalls, isProving: this.#watched.of(gate).isProving };
    if (isSuspicious(ending, suspicionMs)) this.#run(this.#demandProof(gate, slot, slot.running));
  }

  #round(): void {
    this.#watched.keep(new Set(this.services.slots.map(({ gate }) => gate)));
    for (const slot of this.services.slots)
      if (slot.gate && slot.state.status === "ready") this.#lookAt(slot, slot.gate);
  }

  #lookAt(slot: WatchedSlot, gate: Gate): void {
    const nowMs = performance.now();
    const stallMs = this.services.stallMs();
    if (slot.running?.stalls && gate.isStalled(nowMs, stallMs)) {
      if (!this.#watched.of(gate).isWeighed) this.#run(this.#endStalled(gate, slot, stallMs));
      return;
    }
    const watched = this.#watched.of(gate);
    const everyMs = this.services.timings.probeEveryMs * (slot.running?.pid === null ? remoteFactor : 1);
    const isQuiet = nowMs - gate.lastProgressMs >= everyMs;
    if (!isQuiet) watched.silentProbes = 0;
    if (!isQuiet || watched.isLookedAt || nowMs - watched.lastLookMs < everyMs * 0.9) return;
    this.#run(this.#probe(slot, gate));
  }

  async #endStalled(gate: Gate, slot: WatchedSlot, stallMs: number): Promise<void> {
    const watched = this.#watched.of(gate);
    watched.isWeighed = true;
    const works = await this.#works(gate, slot, stallMs);
    watched.isWeighed = false;
    const nowMs = performance.now();
    if (works || slot.gate !== gate || slot.state.status !== "ready" || !gate.isStalled(nowMs, stallMs))
      return;
    const silentS = Math.round((nowMs - gate.lastProgressMs) / 1000);
    slot.end(`No request made progress for ${silentS} s (engine_stall_s).`);
  }

  /** True while an engine computes, for longer than one that hangs is given. */
  async #works(gate: Gate, { running }: WatchedSlot, stallMs: number): Promise<boolean> {
    if (running?.pid == null || performance.now() - gate.lastProgressMs >= workFactor * stallMs) return false;
    return this.services.isAtWork(running.pid);
  }

  async #probe(slot: WatchedSlot, gate: Gate): Promise<void> {
    const watched = this.#watched.of(gate);
    if (await this.#answers(slot, gate)) {
      watched.silentProbes = 0;
      return;
    }
    watched.silentProbes++;
    if (watched.silentProbes >= this.services.timings.maxSilentProbes && slot.gate === gate)
      slot.end("It does not answer any more.");
  }

  /** New requests wait until it is known whether the engine is still there. */
  async #probeNow(slot: WatchedSlot, gate: Gate): Promise<void> {
    gate.open = false;
    const answers = await this.#answers(slot, gate);
    // Where it died by itself, its exit says more than we could.
    if (!answers) await sleep(exitMs);
    if (slot.gate !== gate || slot.state.status !== "ready") return;
    if (!answers) {
      slot.end("It closed a connection and does not answer any more.");
      return;
    }
    gate.open = true;
    this.services.onCleared(gate);
  }

  /** The gate stays open meanwhile: the engine is probably well, and a request may show it. */
  async #demandProof(gate: Gate, slot: WatchedSlot, running: RunningEngine): Promise<void> {
    const watched = this.#watched.of(gate);
    const limitMs = this.services.stallMs();
    watched.isProving = true;
    const hangs = (await lacksProof(gate, running, limitMs)) && !(await this.#works(gate, slot, limitMs));
    watched.isProving = false;
    if (!hangs || slot.gate !== gate || slot.state.status !== "ready") return;
    const limit = `${Math.round(limitMs / 1000)} s (engine_stall_s)`;
    slot.end(`A request ended without an answer, and for another ${limit} nothing moved, not even a test.`);
  }

  async #answers(slot: WatchedSlot, gate: Gate): Promise<boolean> {
    const watched = this.#watched.of(gate);
    watched.isLookedAt = true;
    watched.lastLookMs = performance.now();
    try {
      const { probeAnswerMs } = this.services.timings;
      await withDeadline(probeAnswerMs, null, async (signal) => slot.running?.probe(signal));
      return true;
    } catch {
      return false;
    } finally {
      watched.isLookedAt = false;
    }
  }

  #run(look: Promise<void>): void {
    look.catch((error) => this.services.log.error(error, "An engine could not be looked at."));
  }

  /** The slot whose engine this is; undefined where it shall end already. */
  #readySlot(gate: Gate): WatchedSlot | undefined {
    return this.services.slots.find((slot) => slot.gate === gate && slot.state.status === "ready");
  }
}
