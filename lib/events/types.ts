/** What can be watched as it happens. A topic's source knows nothing of sockets. */
import type { Caller } from "../money/types.ts";
import type { StateFeed } from "./state-feed.ts";

/** Something that has a state: who watches gets it now, and again when it is another. Only the latest one counts. */
export interface StateTopic {
  /** What is there now, as JSON can hold it: best what the GET of the same name answers. */
  snapshot(): Promise<unknown>;
  /** Tells that the state may have changed. Called only while somebody watches. Returns a function that stops it. */
  subscribe(changed: () => void): () => void;
}

/** Some lines in a row. */
export interface Portion {
  lines: readonly string[];
  /** How many are missing before them. */
  dropped: number;
}

/** Lines that are added at the end, as of a log: each one counts. */
export interface LinesTopic {
  /** The last lines, oldest first. */
  last(): readonly string[];
  /** Tells of all that come after those. Returns a function that stops it. */
  subscribe(onLines: (portion: Portion) => void): () => void;
}

/** A topic as sockets find it. */
export type Source = { kind: "state"; feed: StateFeed } | { kind: "lines"; topic: LinesTopic };

export interface Ticket {
  ticket: string;
  expiresAtMs: number;
}

export interface Events {
  /** Makes a topic known, as `slots`. */
  registerState(name: string, topic: StateTopic): void;
  /**
   * Makes topics of lines known that are named by what comes after a colon, as `logs:4801`.
   * @param find null where there is no such topic
   */
  registerLines(name: string, find: (rest: string) => LinesTopic | null): void;
  /** Null for an unknown name. */
  source(name: string): Source | null;
  /** For browsers, which cannot send a key with a WebSocket: good once, and for seconds. */
  issueTicket(caller: Caller): Ticket;
  /** Whom it was issued to, or null: unknown, used or expired. It is used up. */
  redeemTicket(ticket: string): Caller | null;
}
