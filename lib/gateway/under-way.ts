/**
 * Requests under way. Those that last are noted in the database again and again: what an end without warning leaves open
 * is settled once, at the next start, as it was noted last.
 */
import type { Accounts, Settlement } from "../money/types.ts";
import { Roster } from "../roster.ts";
import { type Admitted, costOf, settlementOf, usageSoFar } from "./admitted.ts";

const everyMs = 2_000;
/** Most requests have ended by then, and are never noted. */
const longMs = 2_000;

/** Notes at once: a transaction of so many takes some milliseconds, for which settlements wait. */
const notesAtOnce = 250;

/** One per process: it lives in the runtime. */
export class UnderWay {
  readonly #requests = new Roster<Admitted>();

  add(admitted: Admitted): void {
    this.#requests.add(admitted);
  }

  remove(admitted: Admitted): void {
    this.#requests.remove(admitted);
  }

  /**
   * True while a request for this model has not ended that was admitted before.
   * @param beforeMs monotonic
   */
  hasOlder(modelId: string, beforeMs: number): boolean {
    for (const { exchange, grant } of this.#requests)
      if (grant.model.id === modelId && exchange.startedMs <= beforeMs) return true;
    return false;
  }

  /** Begins to note. */
  start(accounts: Pick<Accounts, "note">): void {
    setInterval(() => void this.note(accounts), everyMs).unref();
  }

  /** Notes each request that has lasted, and has used more than when it was noted last. */
  async note(accounts: Pick<Accounts, "note">): Promise<void> {
    const settlements = this.#noteworthy();
    const written: Promise<void>[] = [];
    // All at once: a note that came after its request's settlement would stay.
    for (let first = 0; first < settlements.length; first += notesAtOnce)
      written.push(accounts.note(settlements.slice(first, first + notesAtOnce)));
    await Promise.all(written);
  }

  #noteworthy(): Settlement[] {
    const longSinceMs = performance.now() - longMs;
    const settlements: Settlement[] = [];
    for (const admitted of this.#requests) {
      if (admitted.exchange.startedMs > longSinceMs) continue;
      const usage = usageSoFar(admitted);
      const tokens = usage.promptTokens + usage.completionTokens;
      if (tokens === admitted.notedTokens) continue;
      admitted.notedTokens = tokens;
      const end = { outcome: "interrupted", httpStatus: 500 } as const;
      settlements.push(settlementOf(admitted, usage, costOf(admitted, usage), end));
    }
    return settlements;
  }
}
