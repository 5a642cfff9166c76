/** A clock that a test moves. */
import type { Clock } from "../../../lib/clock.ts";

export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1_000;

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  wallMs = () => this.#wallMs;
  monotonicMs = () => this.#monotonicMs;

  /** Time passes. */
  pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }

  /** Somebody sets the wall clock, or the machine slept. */
  set(wallMs: number): void {
    this.#wallMs = wallMs;
  }
}
