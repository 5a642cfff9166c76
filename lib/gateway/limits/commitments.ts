/** What users and keys have under way and have used: the memory behind all limits but requests per minute. */
import { MonthlyUse } from "./monthly-use.ts";
import { type TokenEntry, TokenWindow } from "./token-window.ts";

/** Of one user over all keys, or of one key. */
export class Commitment {
  inFlight = 0;
  /** What the requests under way may still cost. */
  heldNanos = 0;
  /** What they may still use of a monthly allowance. */
  heldTokens = 0;
  readonly minute = new TokenWindow();
  readonly month = new MonthlyUse();
}

export interface Amounts {
  costNanos: number;
  tokens: number;
}

/** What a request may use at most, and for how much the minute's window counts it until it has ended. */
export interface Need extends Amounts {
  minuteTokens: number;
}

/** One per process: it lives in the runtime. */
export class Commitments {
  readonly #users = new Map<number, Commitment>();
  readonly #keys = new Map<number, Commitment>();

  ofUser(id: number): Commitment {
    return commitmentOf(this.#users, id);
  }

  ofKey(id: number): Commitment {
    return commitmentOf(this.#keys, id);
  }

  /** Puts back what was used before a restart: this month, and in the last minute. */
  restore(used: {
    month: readonly ({ userId: number; keyId: number } & Amounts)[];
    minute: readonly { userId: number; keyId: number; startedAtMs: number; tokens: number }[];
  }): void {
    const nowMs = Date.now();
    for (const { userId, keyId, costNanos, tokens } of used.month)
      for (const commitment of [this.ofUser(userId), this.ofKey(keyId)])
        commitment.month.add(nowMs, costNanos, tokens);
    const monotonicMs = performance.now() - nowMs;
    for (const { userId, keyId, startedAtMs, tokens } of used.minute)
      for (const commitment of [this.ofUser(userId), this.ofKey(keyId)])
        commitment.minute.add(startedAtMs + monotonicMs, tokens);
  }

  /** Commits a request that was found to be within every limit. */
  reserve(userId: number, keyId: number, need: Need, nowMs: number): Reservation {
    return new Reservation([this.ofUser(userId), this.ofKey(keyId)], need, nowMs);
  }
}

/** What one admitted request holds until it is settled. */
export class Reservation {
  readonly #commitments: readonly Commitment[];
  readonly #need: Need;
  readonly #entries: TokenEntry[] = [];
  #isOpen = true;

  constructor(commitments: readonly Commitment[], need: Need, nowMs: number) {
    this.#commitments = commitments;
    this.#need = need;
    for (const commitment of commitments) {
      commitment.inFlight++;
      commitment.heldNanos += need.costNanos;
      commitment.heldTokens += need.tokens;
      this.#entries.push(commitment.minute.add(nowMs, need.minuteTokens));
    }
  }

  /** What was held: nobody pays more. */
  get maxCostNanos(): number {
    return this.#need.costNanos;
  }

  /** Gives back what was held and counts what was used. A second call changes nothing. */
  close(used: Amounts): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const nowMs = performance.now();
    const todayMs = Date.now();
    for (const [index, commitment] of this.#commitments.entries()) {
      commitment.inFlight--;
      commitment.heldNanos -= this.#need.costNanos;
      commitment.heldTokens -= this.#need.tokens;
      const entry = this.#entries[index];
      if (entry) commitment.minute.correct(entry, nowMs, this.#need.minuteTokens, used.tokens);
      commitment.month.add(todayMs, used.costNanos, used.tokens);
    }
  }
}

function commitmentOf(commitments: Map<number, Commitment>, id: number): Commitment {
  let commitment = commitments.get(id);
  if (!commitment) {
    commitment = new Commitment();
    commitments.set(id, commitment);
  }
  return commitment;
}
