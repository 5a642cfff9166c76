/** Settlements into the database: prepared statements, one transaction a batch. */
import { type BatchAlong, type UsageRow, usageColumns } from "../../lib/data/settlement-row.ts";
import type { Connection } from "./connection.ts";

const sql = {
  // Not below what the daily sums have reached: they would take new rows with old ids for counted.
  lastId: `SELECT max(ifnull((SELECT max(id) FROM usage), 0), (SELECT last_usage_id FROM daily_usage_state))`,

  /** A request that is already recorded is left out, and so is everything that follows from its row. */
  usage: `INSERT INTO usage (${usageColumns.join(", ")}, id) VALUES (${usageColumns.map(() => "?").join(", ")}, ?)
    ON CONFLICT (request_id) DO NOTHING`,

  ledger: `INSERT INTO ledger (user_id, kind, amount_nanos, request_id, at_ms)
    SELECT user_id, 'charge', -charge_nanos, request_id, CAST(started_at_ms + duration_ms AS INTEGER)
    FROM usage WHERE id BETWEEN ? AND ? AND charge_nanos > 0`,

  balance: "UPDATE users SET balance_nanos = balance_nanos - ? WHERE id = ?",

  settled: "DELETE FROM open_requests WHERE request_id = ?",

  /** An answer that is older than a day may still stand there under its name. */
  answer: `INSERT OR REPLACE INTO idempotent_answers (key_id, name_hash, request_hash, content_type, body,
      created_at_ms)
    VALUES (?, ?, ?, ?, ?, ?)`,
};

const userColumn = usageColumns.indexOf("user_id");
const chargeColumn = usageColumns.indexOf("charge_nanos");

/** Writes one batch; the caller holds the connection's lock. Throws with everything rolled back. */
export type WriteSettlements = (rows: readonly UsageRow[], along?: BatchAlong | null) => void;

/** Prepares the statements. The ids of usage rows are counted here: asking for the last one costs as much as a row. */
export function settlementWriter(connection: Connection): WriteSettlements {
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const commit = connection.prepare("COMMIT");
  const readLastId = () => Number(connection.prepare(sql.lastId).all([])[0]?.[0]);
  const insertUsage = connection.prepare(sql.usage);
  const insertCharges = connection.prepare(sql.ledger);
  const updateBalance = connection.prepare(sql.balance);
  let lastId = readLastId();

  const write: WriteSettlements = (rows, along) => {
    begin.run([]);
    try {
      let id = lastId;
      const charges = new Map<number, number>();
      for (const row of rows) {
        const isNew = insertUsage.run([...row, ++id]) > 0;
        if (isNew) addCharge(charges, row);
      }
      insertCharges.run([lastId + 1, id]);
      for (const [userId, nanos] of charges) updateBalance.run([nanos, userId]);
      if (along) writeAlong(connection, along);
      commit.run([]);
      lastId = id;
    } catch (error) {
      // SQLite has already rolled back by itself after some errors, as when the disk is full.
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  };

  return (rows, along) => {
    try {
      write(rows, along);
    } catch (error) {
      // Rows that came from elsewhere, as from a tool for SQLite, may have taken the ids.
      const known = lastId;
      lastId = readLastId();
      if (lastId === known) throw error;
      write(rows, along);
    }
  };
}

function writeAlong(connection: Connection, { noted, answers }: BatchAlong): void {
  const settled = connection.prepare(sql.settled);
  for (const requestId of noted) settled.run([requestId]);
  const keep = connection.prepare(sql.answer);
  for (const answer of answers) {
    const [nameHash, requestHash, body] = [answer.nameHash, answer.requestHash, answer.body].map((bytes) =>
      Buffer.from(bytes),
    ) as [Buffer, Buffer, Buffer];
    keep.run([answer.keyId, nameHash, requestHash, answer.contentType, body, answer.createdAtMs]);
  }
}

function addCharge(charges: Map<number, number>, row: UsageRow): void {
  const nanos = Number(row[chargeColumn]);
  const userId = Number(row[userColumn]);
  if (nanos > 0) charges.set(userId, (charges.get(userId) ?? 0) + nanos);
}
