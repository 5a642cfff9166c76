/** The days that `GET /api/uptime` shows, from what the database knows of them. */
import { msPerDay } from "../data/daily-usage.ts";
import type { UpDay } from "./daily.ts";
import type { DayStatus, UptimeDay, UptimeReport } from "./types.ts";

/** By day: days since 1970-01-01, UTC. */
export interface DayFacts {
  latencyMs: ReadonlyMap<number, number>;
  models: ReadonlyMap<number, number>;
}

/** 86 seconds of a day: a restart does not spoil it. */
const operationalPercent = 99.9;

/** @param days oldest first, up to today */
export function uptimeReport(days: readonly UpDay[], { latencyMs, models }: DayFacts): UptimeReport {
  return {
    overallPercent: percentOf({
      upMs: days.reduce((sum, { upMs }) => sum + upMs, 0),
      expectedMs: days.reduce((sum, { expectedMs }) => sum + expectedMs, 0),
    }),
    daily: days.map((day): UptimeDay => {
      const uptimePercent = percentOf(day);
      return {
        date: new Date(day.day * msPerDay).toISOString().slice(0, 10),
        status: statusOf(uptimePercent),
        uptimePercent,
        averageLatencyMs: latencyMs.get(day.day) ?? null,
        averageModels: models.get(day.day) ?? null,
      };
    }),
  };
}

function percentOf({ upMs, expectedMs }: Omit<UpDay, "day">): number | null {
  return expectedMs > 0 ? (100 * upMs) / expectedMs : null;
}

function statusOf(percent: number | null): DayStatus {
  if (percent === null) return "no_data";
  if (percent >= operationalPercent) return "operational";
  return percent > 0 ? "degraded" : "down";
}
