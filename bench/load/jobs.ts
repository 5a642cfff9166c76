/** What the load generator is told to do, and what it says it saw. Sent over the IPC channel of its process. */

/** Where the requests go. */
export interface Address {
  port: number;
  model: string;
  key: string | null;
}

export type Job = { address: Address } & (
  | { kind: "wait"; limitMs: number }
  /** A closed loop on each connection, for a time or for a number of requests. */
  | {
      kind: "json";
      connections: number;
      durationMs?: number;
      requests?: number;
      tokens: number;
      expect: string;
    }
  | { kind: "streams"; atOnce: number; inARow: number; tokens: number }
  /** Opens streams and answers when each gave its first token; they stay open until `release`. */
  | { kind: "hold"; streams: number; rampMs: number; limitMs: number; tokens: number }
  | { kind: "release" }
);

/** How often each kind of failure was seen. Any of them makes a run worthless. */
export type Failures = Record<string, number>;

export interface JsonResult {
  requests: number;
  requestsPerS: number;
  p50Ms: number;
  p99Ms: number;
  failures: Failures;
}

export interface StreamsResult {
  tokens: number;
  tokensPerS: number;
  firstTokenP50Ms: number;
  firstTokenP99Ms: number;
  /** Of the longest silence within each stream. */
  longestGapP99Ms: number;
  failures: Failures;
}

export interface HoldResult {
  /** Streams that gave their first token. */
  held: number;
  failures: Failures;
}

export interface WaitResult {
  failures: Failures;
}

export interface Results {
  wait: WaitResult;
  json: JsonResult;
  streams: StreamsResult;
  hold: HoldResult;
  release: HoldResult;
}

/** The value below which a share of the sorted values lies (nearest rank); 0 where there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Counts a failure under its first 200 characters. */
export function addFailure(failures: Failures, reason: string): void {
  const kind = reason.slice(0, 200);
  failures[kind] = (failures[kind] ?? 0) + 1;
}

/** Adds up failures of several parts of a run. */
export function joinFailures(parts: readonly Failures[]): Failures {
  const sum: Failures = {};
  for (const part of parts)
    for (const [kind, count] of Object.entries(part)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}
