/** Past samples as charts take them. */
import type { z } from "zod";
import type { Database } from "../data/types.ts";
import { maxHistoryHours, type systemHistoryQuery } from "./schemas.ts";

const msPerHour = 3_600_000;

/**
 * The answer as JSON. Samples are put together as the texts that they are stored as: to parse, check and write 90 days of
 * them would keep everybody waiting for a tenth of a second.
 */
export async function systemHistory(
  { span, hours }: z.infer<typeof systemHistoryQuery>,
  { systemSamples }: Pick<Database, "systemSamples">,
  nowMs: number,
): Promise<string> {
  const fromMs = nowMs - Math.min(hours, maxHistoryHours[span]) * msPerHour;
  const rows = await systemSamples.since(span, fromMs, nowMs);
  const data = rows.map(({ atMs, sample }) => `{"at":"${new Date(atMs).toISOString()}",${sample.slice(1)}`);
  return `{"span":"${span}","data":[${data.join(",")}]}`;
}
