/** Logs as they are handed on. */

/** A log as a file to take away. */
export interface LogDownload {
  sizeBytes: number;
  /** Oldest first. */
  stream: ReadableStream<Uint8Array>;
}

/** New lines since the last portion, oldest first. */
export interface LogPortion {
  lines: readonly string[];
  /** How many were left out before these: they came faster than they are handed on. */
  dropped: number;
}

export type LogListener = (portion: LogPortion) => void;

/** The gateway's own log: JSON lines. */
export interface OwnLog {
  /** The last lines, oldest first; at most 2,000. */
  last(count: number): string[];
  /** Hands on what is logged from now on. Returns what ends it. */
  follow(listener: LogListener): () => void;
}
