/** Whether the tables of a database tell the same story. */
import { inspect } from "./test-database.ts";

export interface Differences {
  /** Users whose balance is not the sum of their ledger. */
  balances: number;
  /** Charges without a usage row, usage rows without their charge, and requests charged twice. */
  charges: number;
  /** Days whose sums are not those of their usage rows. */
  days: number;
  /** SQLite's own check: "ok", or what is broken. */
  integrity: string;
}

export const noDifferences: Differences = { balances: 0, charges: 0, days: 0, integrity: "ok" };

const sql = {
  balances: `SELECT count(*) AS found FROM users
    WHERE balance_nanos <> (SELECT ifnull(sum(amount_nanos), 0) FROM ledger WHERE user_id = users.id)`,
  charges: `SELECT count(*) AS found FROM
    (SELECT request_id, -sum(amount_nanos) AS nanos, count(*) AS times FROM ledger WHERE kind = 'charge' GROUP BY 1)
    AS paid FULL JOIN (SELECT request_id, charge_nanos FROM usage WHERE charge_nanos > 0) AS used USING (request_id)
    WHERE nanos IS NOT charge_nanos OR times <> 1`,
  days: `SELECT count(*) AS found FROM
    (SELECT day, sum(requests) AS requests, sum(charge_nanos) AS charge FROM
      (SELECT day, requests, charge_nanos FROM daily_usage UNION ALL
       SELECT started_at_ms / 86400000, 1, charge_nanos FROM usage
       WHERE id > (SELECT last_usage_id FROM daily_usage_state)) GROUP BY day) AS kept
    FULL JOIN (SELECT started_at_ms / 86400000 AS day, count(*) AS requests, sum(charge_nanos) AS charge
      FROM usage GROUP BY 1) AS used USING (day)
    WHERE kept.requests IS NOT used.requests OR kept.charge IS NOT used.charge`,
};

/** Looks for differences in a database file. */
export function auditBooks(file: string): Differences {
  const found = (text: string) => inspect<{ found: number }>(file, text)[0]?.found ?? -1;
  const [check] = inspect<{ integrity_check: string }>(file, "PRAGMA integrity_check");
  return {
    balances: found(sql.balances),
    charges: found(sql.charges),
    days: found(sql.days),
    integrity: check?.integrity_check ?? "no answer",
  };
}
