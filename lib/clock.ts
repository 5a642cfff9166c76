/** Time as long-lived services see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. It may be set forwards and backwards. */
  wallMs(): number;
  /** Milliseconds since some moment. It only ever grows, and may stand still while the machine sleeps. */
  monotonicMs(): number;
}

export const systemClock: Clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
