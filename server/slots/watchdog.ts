/** Looks after running engines: a process can be there, and even answer, without doing its work. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { withDeadline } from "./deadline.ts";
import type { Gate } from "./queue/gate.ts";
import type { Slot } from "./slot.ts";
import type { Timings } from "./timings.ts";

export interface WatchdogServices {
  slots: readonly Slot[];
  timings: Timings;
  /** Silence of a request after which its engine counts as hung. */
  stallMs(): number;
  /** Told when a suspected engine turned out to be well. */
  onCleared(slot: Slot): void;
  log: Logger;
}

interface Watched {
  silentProbes: number;
  looking: boolean;
  lastLookMs: number;
}

/** A remote is looked at this much more rarely than a process of ours. */
const remoteFactor = 6;
/** For news of a process that has just died. */
const exitMs = 100;

export class Watchdog {
  readonly #watched = new Map<Gate, Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly services: WatchdogServices) {}

  start(): void {
    this.#timer = setInterval(() => this.#round(), this.services.timings.probeEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A request's connection broke, or its deadline passed: look at the engine now. */
  suspect(gate: Gate, reason: "connection_lost" | "stalled"): void {
    const slot = this.services.slots.find((one) => one.gate === gate);
    if (slot?.state.status !== "ready" || this.#of(gate).looking) return;
    const look = reason === "connection_lost" ? this.#probeNow(slot, gate) : this.#demandProof(slot, gate);
    look.catch((error) => this.services.log.error(error, "An engine could not be looked at."));
  }

  #round(): void {
    const gates = new Set(this.services.slots.map(({ gate }) => gate));
    for (const gate of this.#watched.keys()) if (!gates.has(gate)) this.#watched.delete(gate);
    for (const slot of this.services.slots)
      if (slot.gate && slot.state.status === "ready") this.#lookAt(slot, slot.gate);
  }

  #lookAt(slot: Slot, gate: Gate): void {
    const nowMs = performance.now();
    const stallMs = this.services.stallMs();
    if (slot.running?.stalls && gate.isStalled(nowMs, stallMs)) {
      slot.end(`No request made progress for ${Math.round(stallMs / 1000)} s (engine_stall_s).`);
      return;
    }
    const watched = this.#of(gate);
    const everyMs = this.services.timings.probeEveryMs * (slot.running?.pid === null ? remoteFactor : 1);
    const isQuiet = nowMs - gate.lastProgressMs >= everyMs;
    if (!isQuiet) watched.silentProbes = 0;
    if (!isQuiet || watched.looking || nowMs - watched.lastLookMs < everyMs * 0.9) return;
    this.#probe(slot, gate).catch((error) =>
      this.services.log.error(error, "An engine could not be looked at."),
    );
  }

  async #probe(slot: Slot, gate: Gate): Promise<void> {
    const watched = this.#of(gate);
    if (await this.#answers(slot, gate)) {
      watched.silentProbes = 0;
      return;
    }
    watched.silentProbes++;
    if (watched.silentProbes >= this.services.timings.maxSilentProbes && slot.gate === gate)
      slot.end("It does not answer any more.");
  }

  /** New requests wait until it is known whether the engine is still there. */
  async #probeNow(slot: Slot, gate: Gate): Promise<void> {
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
    this.services.onCleared(slot);
  }

  /** Well is who does a piece of work, or moves any request on meanwhile. */
  async #demandProof(slot: Slot, gate: Gate): Promise<void> {
    const watched = this.#of(gate);
    const sinceMs = performance.now();
    watched.looking = true;
    const proven = await withDeadline(this.services.timings.proofMs, null, async (signal) =>
      slot.running?.prove(signal),
    ).then(
      () => true,
      () => false,
    );
    watched.looking = false;
    if (!proven && gate.lastProgressMs < sinceMs && slot.gate === gate)
      slot.end("A request got no answer, and neither did a test.");
  }

  async #answers(slot: Slot, gate: Gate): Promise<boolean> {
    const watched = this.#of(gate);
    watched.looking = true;
    watched.lastLookMs = performance.now();
    try {
      const { probeAnswerMs } = this.services.timings;
      await withDeadline(probeAnswerMs, null, async (signal) => slot.running?.probe(signal));
      return true;
    } catch {
      return false;
    } finally {
      watched.looking = false;
    }
  }

  #of(gate: Gate): Watched {
    const found = this.#watched.get(gate);
    if (found) return found;
    const fresh = { silentProbes: 0, looking: false, lastLookMs: 0 };
    this.#watched.set(gate, fresh);
    return fresh;
  }
}
