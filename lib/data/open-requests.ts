/** Table `open_requests`: what requests under way would cost, noted while they run. */
import { onWriter } from "./query.ts";
import type { SettlementEntry } from "./types.ts";

export const openRequests = {
  /** Writes each as it is now, over what was noted of it before. */
  note: onWriter(async (context, entries: readonly SettlementEntry[]): Promise<void> => {
    await context.rows(
      `INSERT INTO open_requests (request_id, settlement)
       SELECT value ->> '$.settlement.requestId', value FROM json_each(?) WHERE true
       ON CONFLICT (request_id) DO UPDATE SET settlement = excluded.settlement RETURNING 1`,
      JSON.stringify(entries),
    );
  }),
};
