/** Table `slot_runs`: every run of an engine in a slot, what was measured of it, and why it ended. */
import { onReader, onWriter } from "./query.ts";

/** What is known when an engine is started. */
export interface StartedRun {
  port: number;
  modelId: string;
  /** Of the model's files; empty where there are none, as for a remote. */
  fingerprint: string;
  /** JSON: what memory and speed depend on. Equal settings are equal texts. */
  settings: string;
  startedAtMs: number;
}

/** Why a run ended. */
export interface RunEnd {
  endedAtMs: number;
  /** As `out_of_memory` or `unloaded`. */
  cause: string;
  /** The same in words. */
  message: string;
  /** The last lines that the engine printed, oldest first. */
  lastLines: readonly string[];
}

/** A row, as a history shows it. Null is what has not come, or is not known. */
export interface SlotRun extends StartedRun {
  id: number;
  readyAtMs: number | null;
  endedAtMs: number | null;
  memoryBytes: number | null;
  cause: string | null;
  message: string | null;
  lastLines: string[];
}

/** What earlier runs of the same files with the same settings took: medians, null where none was measured. */
export interface LearnedRun {
  /** From the start to the first answer. */
  loadMs: number | null;
  memoryBytes: number | null;
}

/** Runs that a median is made of. */
const learnedFrom = 5;

export const slotRuns = {
  /** @returns the row's id */
  begin: onWriter(async (context, run: StartedRun): Promise<number> => {
    const { port, modelId, fingerprint, settings, startedAtMs } = run;
    const [row] = await context.rows<{ id: number }>(
      `INSERT INTO slot_runs (port, model_id, fingerprint, settings, started_at_ms)
       VALUES (?, ?, ?, ?, ?) RETURNING id`,
      ...[port, modelId, fingerprint, settings, startedAtMs],
    );
    if (!row) throw new Error("A run was not written.");
    return row.id;
  }),

  /** The engine has answered. */
  ready: onWriter(async (context, id: number, atMs: number): Promise<void> => {
    await context.rows("UPDATE slot_runs SET ready_at_ms = ? WHERE id = ? RETURNING 1", atMs, id);
  }),

  /** @param memoryBytes of the engine's processes, when it was ready and had answered */
  measured: onWriter(async (context, id: number, memoryBytes: number): Promise<void> => {
    await context.rows("UPDATE slot_runs SET memory_bytes = ? WHERE id = ? RETURNING 1", memoryBytes, id);
  }),

  end: onWriter(async (context, id: number, end: RunEnd): Promise<void> => {
    const { endedAtMs, cause, message, lastLines } = end;
    await context.rows(
      `UPDATE slot_runs SET ended_at_ms = ?, cause = ?, message = ?, last_lines = ? WHERE id = ? RETURNING 1`,
      ...[endedAtMs, cause, message, lastLines.join("\n"), id],
    );
  }),

  /**
   * Ends the runs that are still open, as their gateway had no chance to. Of when that was, the last that is known is
   * that they had begun.
   * @returns how many
   */
  closeOpen: onWriter(async (context, cause: string, message: string): Promise<number> => {
    const closed = await context.rows(
      `UPDATE slot_runs SET ended_at_ms = coalesce(ready_at_ms, started_at_ms), cause = ?, message = ?
       WHERE ended_at_ms IS NULL RETURNING 1`,
      cause,
      message,
    );
    return closed.length;
  }),

  /** The last runs in a slot, newest first. */
  history: onReader(async (context, port: number, limit: number): Promise<SlotRun[]> => {
    const rows = await context.rows<Omit<SlotRun, "lastLines"> & { lastLines: string | null }>(
      `SELECT id, port, model_id AS modelId, fingerprint, settings, started_at_ms AS startedAtMs,
         ready_at_ms AS readyAtMs, ended_at_ms AS endedAtMs, memory_bytes AS memoryBytes, cause, message,
         last_lines AS lastLines
       FROM slot_runs WHERE port = ? ORDER BY id DESC LIMIT ?`,
      port,
      limit,
    );
    return rows.map((row) => ({ ...row, lastLines: row.lastLines ? row.lastLines.split("\n") : [] }));
  }),

  /** Forgets all but the last runs in a slot. */
  prune: onWriter(async (context, port: number, kept: number): Promise<void> => {
    await context.rows(
      `DELETE FROM slot_runs WHERE port = ?1 AND id < (
         SELECT min(id) FROM (SELECT id FROM slot_runs WHERE port = ?1 ORDER BY id DESC LIMIT ?2)) RETURNING 1`,
      port,
      kept,
    );
  }),

  /**
   * What the last runs of this model took, in any slot, with these files and settings (`runFacts` of server/slots).
   * @returns null where none of them was ever ready
   */
  learned: onReader(
    async (context, modelId: string, fingerprint: string, settings: string): Promise<LearnedRun | null> => {
      const loads = await context.rows<{ value: number }>(
        `SELECT ready_at_ms - started_at_ms AS value FROM slot_runs
         WHERE model_id = ? AND fingerprint = ? AND settings = ? AND ready_at_ms IS NOT NULL
         ORDER BY started_at_ms DESC LIMIT ${learnedFrom}`,
        ...[modelId, fingerprint, settings],
      );
      if (loads.length === 0) return null;
      const memory = await context.rows<{ value: number }>(
        `SELECT memory_bytes AS value FROM slot_runs
         WHERE model_id = ? AND fingerprint = ? AND settings = ? AND memory_bytes IS NOT NULL
         ORDER BY started_at_ms DESC LIMIT ${learnedFrom}`,
        ...[modelId, fingerprint, settings],
      );
      return { loadMs: medianOf(loads), memoryBytes: medianOf(memory) };
    },
  ),
};

/** The middle one; of an even number the lower of the two. */
function medianOf(rows: readonly { value: number }[]): number | null {
  const values = rows.map(({ value }) => value).sort((a, b) => a - b);
  return values[Math.floor((values.length - 1) / 2)] ?? null;
}
