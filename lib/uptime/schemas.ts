/** What `GET /api/uptime` takes and answers. */
import { z } from "zod";
import { dayStatuses, maxUptimeDays, type UptimeReport } from "./types.ts";

export const uptimeQuery = z.object({
  days: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `must be a number from 1 to ${maxUptimeDays}`)
    .transform(Number)
    .refine((days) => days <= maxUptimeDays, `must be at most ${maxUptimeDays}`)
    .default(30)
    .describe("Days that are shown, today (UTC) included"),
});

const percent = z.number().min(0).max(100).nullable();

export const uptimeReply = z.object({
  days: z.int(),
  overall_uptime_percent: percent.describe("Over the days since the first start; null before it"),
  daily: z
    .array(
      z.object({
        date: z.iso.date().describe("UTC"),
        status: z
          .enum(dayStatuses)
          .describe("`operational` from 99.9%, `down` at 0%; `no_data` before the first start"),
        uptime_percent: percent,
        avg_latency_ms: z.number().min(0).nullable().describe("Of a request; null without any"),
        avg_models: z.number().min(0).nullable().describe("Models that were ready; null where unknown"),
      }),
    )
    .describe("Oldest first; the last one is today, up to now"),
});

export function uptimeReplyOf(days: number, report: UptimeReport): z.infer<typeof uptimeReply> {
  return {
    days,
    overall_uptime_percent: report.overallPercent,
    daily: report.daily.map(({ date, status, uptimePercent, averageLatencyMs, averageModels }) => ({
      date,
      status,
      uptime_percent: uptimePercent,
      avg_latency_ms: averageLatencyMs === null ? null : Math.round(averageLatencyMs * 10) / 10,
      avg_models: averageModels === null ? null : Math.round(averageModels * 100) / 100,
    })),
  };
}
