/** Logs as they are handed on. */

/** New lines since the last portion, oldest first. */
export interface LogPortion {
  lines: readonly string[];
  /** How many were left out before these: they came faster than they are handed on. */
  dropped: number;
}

export type LogListener = (portion: LogPortion) => void;

/** The gateway's own log: JSON lines. */
export interface OwnLog {
  /** Adds a line of the level info. @param members those of its JSON object that follow level and time */
  write(members: string): void;
  /** The last lines, oldest first; at most 2,000. */
  last(count: number): string[];
  /** Hands on what is logged from now on. Returns what ends it. */
  follow(listener: LogListener): () => void;
}
