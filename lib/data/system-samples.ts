/** Table `system_samples`: how the system did, by the minute and by the hour. */
import { mergeSamples } from "../system/merge.ts";
import type { SystemSample } from "../system/schemas.ts";
import { onReader, onWriter, type QueryContext } from "./query.ts";

export const spanMs = { minute: 60_000, hour: 3_600_000 } as const;
export type SampleSpan = keyof typeof spanMs;

/** 24 hours of minutes, 90 days of hours. Counted, since a clock that is wrong for a moment must not cost the rest. */
const rowsKept: Record<SampleSpan, number> = { minute: 24 * 60, hour: 90 * 24 };

export interface SampleRow {
  /** When the span began. */
  atMs: number;
  /** JSON: `SystemSample`. */
  sample: string;
}

/** How many models were ready on a day. */
export interface ModelsOfDay {
  /** Days since 1970-01-01, UTC. */
  day: number;
  /** Mean over the time that the gateway was up. */
  models: number;
}

export const systemSamples = {
  /** Adds a sample to its minute and to its hour, and forgets those that have become too many. */
  record: onWriter(async (context, atMs: number, sample: SystemSample): Promise<void> => {
    const rows = await Promise.all(
      (["minute", "hour"] as const).map((span) =>
        merged(context, span, atMs - (atMs % spanMs[span]), sample),
      ),
    );
    // One statement: of the minute and the hour there are both or none.
    await context.rows(
      `INSERT INTO system_samples (span, at_ms, sample) VALUES (?, ?, ?), (?, ?, ?)
       ON CONFLICT (span, at_ms) DO UPDATE SET sample = excluded.sample`,
      ...rows.flat(),
    );
    for (const span of ["minute", "hour"] as const)
      await context.rows(
        `DELETE FROM system_samples WHERE span = ?1 AND at_ms <= (
           SELECT at_ms FROM system_samples WHERE span = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET ?2)`,
        span,
        rowsKept[span],
      );
  }),

  /** Oldest first. */
  since: onReader(
    async (context, span: SampleSpan, fromMs: number, toMs: number): Promise<SampleRow[]> =>
      context.rows(
        `SELECT at_ms AS atMs, sample FROM system_samples
         WHERE span = ? AND at_ms BETWEEN ? AND ? ORDER BY at_ms`,
        span,
        fromMs,
        toMs,
      ),
  ),

  /** The days from `firstDay` to `lastDay` that have samples, oldest first. */
  modelsByDay: onReader(
    async (context, firstDay: number, lastDay: number): Promise<ModelsOfDay[]> =>
      context.rows(
        `SELECT at_ms / 86400000 AS day,
           sum(1.0 * (sample ->> '$.ready_models.avg') * (sample ->> '$.seconds')) / sum(sample ->> '$.seconds') AS models
         FROM system_samples WHERE span = 'hour' AND at_ms >= ?1 * 86400000 AND at_ms < (?2 + 1) * 86400000
         GROUP BY day HAVING models IS NOT NULL ORDER BY day`,
        firstDay,
        lastDay,
      ),
  ),
};

async function merged(
  context: QueryContext,
  span: SampleSpan,
  atMs: number,
  sample: SystemSample,
): Promise<[SampleSpan, number, string]> {
  const [before] = await context.rows<{ sample: string }>(
    "SELECT sample FROM system_samples WHERE span = ? AND at_ms = ?",
    span,
    atMs,
  );
  const whole = before ? mergeSamples(JSON.parse(before.sample) as SystemSample, sample) : sample;
  return [span, atMs, JSON.stringify(whole)];
}
