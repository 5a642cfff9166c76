/** What the watchdog remembers of each running engine. */
import type { Gate } from "./queue/gate.ts";

export interface Watched {
  silentProbes: number;
  /** It is being asked whether it is there. */
  isLookedAt: boolean;
  lastLookMs: number;
  /** It is being asked to do a piece of work. */
  isProving: boolean;
  /** It is being looked whether it computes. */
  isWeighed: boolean;
}

export class WatchedGates {
  readonly #watched = new Map<Gate, Watched>();

  of(gate: Gate): Watched {
    const found = this.#watched.get(gate);
    if (found) return found;
    const fresh = { silentProbes: 0, isLookedAt: false, lastLookMs: 0, isProving: false, isWeighed: false };
    this.#watched.set(gate, fresh);
    return fresh;
  }

  /** Forgets all others: their engines have ended. */
  keep(gates: ReadonlySet<Gate | null>): void {
    for (const gate of this.#watched.keys()) if (!gates.has(gate)) this.#watched.delete(gate);
  }
}
