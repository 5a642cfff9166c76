/** What a diagnosis is made of, and what comes of it. */
import type { NextStep } from "../../../lib/slots/types.ts";
import type { LlamaSettings } from "../engines/llama-command.ts";
import type { EngineExit } from "../processes/engine-process.ts";

/** All that is known of an engine's end. */
export interface EndFacts {
  /** Set where there is nothing to find out: we ended it ourselves, or no process was there to end. */
  known: Diagnosis | null;
  /** How the process ended; null where there was none. */
  exit: EngineExit | null;
  /** The kernel has just ended a process for want of memory; null where that cannot be seen. */
  isOutOfMemoryKill: boolean | null;
  /** It had answered before. */
  wasReady: boolean;
  /** What it printed last, oldest first. */
  lines: readonly string[];
  /** How it was started; null for a remote. */
  settings: Partial<LlamaSettings> | null;
}

export interface Diagnosis {
  /** A stable code, as `out_of_memory`. */
  cause: string;
  /** In words, with the figures that were found. */
  message: string;
  nextStep: NextStep | null;
}

/** One cause, and how it is recognised. */
export interface Rule {
  cause: string;
  /** Null where it is something else. */
  find(facts: EndFacts): Omit<Diagnosis, "cause"> | null;
}

/** The last line that matches, by its first pattern that any line matches. */
export function lastMatch({ lines }: EndFacts, ...patterns: readonly RegExp[]): RegExpExecArray | null {
  for (const pattern of patterns)
    for (let index = lines.length - 1; index >= 0; index--) {
      const match = pattern.exec(lines[index] ?? "");
      if (match) return match;
    }
  return null;
}
