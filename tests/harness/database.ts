/** Looks into a gateway's database from outside, beside or after the gateway. */
import path from "node:path";
import Sqlite from "libsql";

/** Rows of a read-only query. */
export function queryDatabase<Row>(dataDir: string, sql: string, ...values: unknown[]): Row[] {
  const database = new Sqlite(path.join(dataDir, "gateway.db"), { readonly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}

export interface UsageRow {
  request_id: string;
  outcome: string;
  http_status: number;
  streamed: number;
  estimated: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost_nanos: number;
  charge_nanos: number;
}

/** A user's usage rows, oldest first. */
export function usageOf(dataDir: string, userId: number): UsageRow[] {
  return queryDatabase<UsageRow>(dataDir, "SELECT * FROM usage WHERE user_id = ? ORDER BY id", userId);
}

/**
 * What is wrong with the database: nothing where SQLite finds the file sound, each balance is the sum of its ledger,
 * and each charged request stands in usage and ledger exactly once and alike.
 */
export function databaseFaults(dataDir: string): string[] {
  const integrity = queryDatabase<{ integrity_check: string }>(dataDir, "PRAGMA integrity_check");
  const faults = integrity.map((row) => row.integrity_check).filter((text) => text !== "ok");
  const balances = queryDatabase<{ id: number }>(
    dataDir,
    `SELECT id FROM users WHERE balance_nanos <>
      (SELECT COALESCE(SUM(amount_nanos), 0) FROM ledger WHERE ledger.user_id = users.id)`,
  );
  const charges = queryDatabase<{ request_id: string }>(
    dataDir,
    `SELECT usage.request_id FROM usage LEFT JOIN ledger ON ledger.request_id = usage.request_id AND kind = 'charge'
      WHERE charge_nanos > 0 GROUP BY usage.request_id
      HAVING COUNT(ledger.id) <> 1 OR SUM(amount_nanos) <> -charge_nanos`,
  );
  return [
    ...faults,
    ...balances.map(({ id }) => `the balance of user ${id} is not the sum of its ledger`),
    ...charges.map(({ request_id }) => `request ${request_id} was not charged once`),
  ];
}
