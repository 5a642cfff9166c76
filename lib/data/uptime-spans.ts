/** Table `uptime_spans`: stretches of time in which the gateway was up. What none covers, it was down. */
import { onReader, onWriter } from "./query.ts";

export interface UptimeSpan {
  id: number;
  startedAtMs: number;
  /** When the gateway last knew that it was up: the end, once it is not. */
  seenAtMs: number;
}

export const uptimeSpans = {
  /** @returns its id */
  begin: onWriter(async (context, startedAtMs: number): Promise<number> => {
    const [row] = await context.rows<{ id: number }>(
      "INSERT INTO uptime_spans (started_at_ms, seen_at_ms) VALUES (?1, ?1) RETURNING id",
      startedAtMs,
    );
    if (!row) throw new Error("A stretch of uptime has no id.");
    return row.id;
  }),

  /** The gateway is still up. */
  extend: onWriter(async (context, id: number, seenAtMs: number): Promise<void> => {
    await context.rows("UPDATE uptime_spans SET seen_at_ms = ? WHERE id = ?", seenAtMs, id);
  }),

  /** Those that end after a moment, and when the first one of all began; null where there is none. */
  since: onReader(
    async (context, fromMs: number): Promise<{ firstStartMs: number | null; spans: UptimeSpan[] }> => {
      const [first] = await context.rows<{ firstStartMs: number | null }>(
        "SELECT min(started_at_ms) AS firstStartMs FROM uptime_spans",
      );
      const spans = await context.rows<UptimeSpan>(
        `SELECT id, started_at_ms AS startedAtMs, seen_at_ms AS seenAtMs FROM uptime_spans
         WHERE seen_at_ms >= ? ORDER BY started_at_ms`,
        fromMs,
      );
      return { firstStartMs: first?.firstStartMs ?? null, spans };
    },
  ),
};
