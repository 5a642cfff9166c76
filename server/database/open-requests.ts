/** What an end without warning left: requests that were under way, as they were last noted. */
import { usageRow } from "../../lib/data/settlement-row.ts";
import type { SettlementEntry } from "../../lib/data/types.ts";
import type { Connection } from "./connection.ts";
import type { WriteSettlements } from "./settlement-writer.ts";

/**
 * Settles them, each once: a request that is settled already, as its note could not be removed, is left out.
 * @returns how many there were
 */
export function settleOpenRequests(connection: Connection, write: WriteSettlements): number {
  const rows = connection.rows<{ settlement: string }>("SELECT settlement FROM open_requests ORDER BY rowid");
  for (const row of rows) {
    const { settlement, chargeNanos } = JSON.parse(row.settlement) as SettlementEntry;
    const [user] = connection.rows<{ balanceNanos: number }>(
      "SELECT balance_nanos AS balanceNanos FROM users WHERE id = ?",
      settlement.userId,
    );
    // What others were charged meanwhile was covered by holds, but an admin may have lowered the balance.
    const payableNanos = Math.min(chargeNanos, Math.max(0, user?.balanceNanos ?? 0));
    const entry: SettlementEntry = {
      settlement: { ...settlement, outcome: "interrupted" },
      chargeNanos: payableNanos,
      along: { wasNoted: true, answer: null },
    };
    write([usageRow(entry)], { noted: [settlement.requestId], answers: [] });
  }
  return rows.length;
}
