/** How long the gateway was up. `server/uptime` keeps the record. */

export const dayStatuses = ["operational", "degraded", "down", "no_data"] as const;
export type DayStatus = (typeof dayStatuses)[number];

export interface UptimeDay {
  /** As `2026-01-31`, UTC. */
  date: string;
  status: DayStatus;
  /** Null for a day before the first start. */
  uptimePercent: number | null;
  /** Mean over the day's requests; null without any. */
  averageLatencyMs: number | null;
  /** Models that were ready, on average while the gateway was up; null where unknown. */
  averageModels: number | null;
}

export interface UptimeReport {
  /** Over the days that have data; null where none has. */
  overallPercent: number | null;
  /** Oldest first; the last one is today, up to now. */
  daily: UptimeDay[];
}

export interface Uptime {
  /** The last days, today included. At most some seconds old. @param days 1 to `maxUptimeDays` */
  report(days: number): Promise<UptimeReport>;
}

export const maxUptimeDays = 366;
