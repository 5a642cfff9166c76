/** Past samples as charts take them. */
import type { z } from "zod";
import type { Database } from "../data/types.ts";
import {
  maxHistoryHours,
  type SystemHistoryReply,
  type systemHistoryQuery,
  systemSample,
} from "./schemas.ts";

const msPerHour = 3_600_000;

/** Samples of an earlier version that had other figures are left out: to a chart they are a gap. */
export async function systemHistory(
  { span, hours }: z.infer<typeof systemHistoryQuery>,
  { systemSamples }: Pick<Database, "systemSamples">,
  nowMs: number,
): Promise<SystemHistoryReply> {
  const fromMs = nowMs - Math.min(hours, maxHistoryHours[span]) * msPerHour;
  const rows = await systemSamples.since(span, fromMs, nowMs);
  return {
    span,
    data: rows.flatMap(({ atMs, sample }) => {
      const parsed = systemSample.safeParse(JSON.parse(sample));
      return parsed.success ? { at: new Date(atMs).toISOString(), ...parsed.data } : [];
    }),
  };
}
