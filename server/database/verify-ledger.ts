/** Recomputes every balance from the ledger, and every charge from the requests. */
import { dollarsFromNanos } from "../../lib/money/nanos.ts";
import type { Connection } from "./connection.ts";

export interface LedgerReport {
  users: number;
  ledgerRows: number;
  /** What does not add up, in words; empty where all does. */
  differences: string[];
}

interface Balance {
  id: number;
  email: string;
  balanceNanos: number;
  sumNanos: number;
}

interface Charge {
  requestId: string;
  chargeNanos: number;
  rows: number;
  sumNanos: number;
}

/**
 * Reads one state of the database, so a gateway may go on meanwhile.
 * Requests older than `retention_days` have only their ledger rows left: those are summed, not compared.
 */
export function verifyLedger(connection: Connection): LedgerReport {
  connection.exec("BEGIN");
  try {
    const [counts] = connection.rows<{ users: number; ledgerRows: number }>(
      "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM ledger) AS ledgerRows",
    );
    return {
      users: counts?.users ?? 0,
      ledgerRows: counts?.ledgerRows ?? 0,
      differences: [...balanceDifferences(connection), ...chargeDifferences(connection)],
    };
  } finally {
    connection.exec("ROLLBACK");
  }
}

function balanceDifferences(connection: Connection): string[] {
  const wrong = connection.rows<Balance>(
    `WITH sums AS (SELECT user_id, sum(amount_nanos) AS sum_nanos FROM ledger GROUP BY user_id)
     SELECT id, email, balance_nanos AS balanceNanos, coalesce(sum_nanos, 0) AS sumNanos
     FROM users LEFT JOIN sums ON user_id = id WHERE balance_nanos <> coalesce(sum_nanos, 0) ORDER BY id`,
  );
  return wrong.map(
    ({ id, email, balanceNanos, sumNanos }) =>
      `User ${id} (${email}) has $${dollarsFromNanos(balanceNanos)}, and the ledger gives $${dollarsFromNanos(sumNanos)}.`,
  );
}

function chargeDifferences(connection: Connection): string[] {
  const wrong = connection.rows<Charge>(
    `WITH charges AS (
       SELECT request_id, count(*) AS row_count, sum(amount_nanos) AS sum_nanos FROM ledger
       WHERE kind = 'charge' GROUP BY request_id)
     SELECT usage.request_id AS requestId, charge_nanos AS chargeNanos, coalesce(row_count, 0) AS rows,
       coalesce(sum_nanos, 0) AS sumNanos
     FROM usage LEFT JOIN charges ON charges.request_id = usage.request_id
     WHERE coalesce(row_count, 0) > 1 OR charge_nanos <> -coalesce(sum_nanos, 0) ORDER BY usage.id`,
  );
  return wrong.map(
    ({ requestId, chargeNanos, rows, sumNanos }) =>
      `Request ${requestId} was charged $${dollarsFromNanos(chargeNanos)}, and has ${rows} ledger rows of together $${dollarsFromNanos(sumNanos)}.`,
  );
}
