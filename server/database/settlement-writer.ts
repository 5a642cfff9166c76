/** Settlements into the database: prepared statements, one transaction a batch. */
import { type UsageRow, usageColumns } from "../../lib/data/settlement-row.ts";
import type { Connection } from "./connection.ts";

const sql = {
  lastId: "SELECT ifnull(max(id), 0) FROM usage",

  /** A request that is already recorded is left out, and so is everything that follows from its row. */
  usage: `INSERT INTO usage (${usageColumns.join(", ")}, id) VALUES (${usageColumns.map(() => "?").join(", ")}, ?)
    ON CONFLICT (request_id) DO NOTHING`,

  ledger: `INSERT INTO ledger (user_id, kind, amount_nanos, request_id, at_ms)
    SELECT user_id, 'charge', -charge_nanos, request_id, CAST(started_at_ms + duration_ms AS INTEGER)
    FROM usage WHERE id > ? AND charge_nanos > 0`,

  // NOT INDEXED: the rows of this batch by their ids. SQLite would rather walk a whole index that is in GROUP BY's order.
  balances: `UPDATE users SET balance_nanos = balance_nanos - batch.charge
    FROM (SELECT user_id, sum(charge_nanos) AS charge FROM usage NOT INDEXED WHERE id > ? GROUP BY user_id) AS batch
    WHERE users.id = batch.user_id AND batch.charge <> 0`,

  days: `INSERT INTO daily_usage (day, user_id, key_id, model, requests, errors, prompt_tokens, cached_tokens,
      completion_tokens, cost_nanos, charge_nanos, duration_ms)
    SELECT started_at_ms / 86400000, user_id, key_id, model, count(*), sum(outcome IN ('engine_failed', 'error')),
      sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(cost_nanos), sum(charge_nanos),
      sum(duration_ms)
    FROM usage NOT INDEXED WHERE id > ? GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors,
      prompt_tokens = prompt_tokens + excluded.prompt_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
      completion_tokens = completion_tokens + excluded.completion_tokens,
      cost_nanos = cost_nanos + excluded.cost_nanos, charge_nanos = charge_nanos + excluded.charge_nanos,
      duration_ms = duration_ms + excluded.duration_ms`,
};

/** Writes one batch; the caller holds the connection's lock. Throws with everything rolled back. */
export type WriteSettlements = (rows: readonly UsageRow[]) => void;

/** Prepares the statements. The ids of usage rows are counted here: asking for the last one costs as much as a row. */
export function settlementWriter(connection: Connection): WriteSettlements {
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const commit = connection.prepare("COMMIT");
  const readLastId = () => Number(connection.prepare(sql.lastId).all([])[0]?.[0]);
  const insertUsage = connection.prepare(sql.usage);
  const consequences = [sql.ledger, sql.balances, sql.days].map((text) => connection.prepare(text));
  let lastId = readLastId();

  const write: WriteSettlements = (rows) => {
    begin.run([]);
    try {
      let id = lastId;
      for (const row of rows) insertUsage.run([...row, ++id]);
      for (const statement of consequences) statement.run([lastId]);
      commit.run([]);
      lastId = id;
    } catch (error) {
      // SQLite has already rolled back by itself after some errors, as when the disk is full.
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  };

  return (rows) => {
    try {
      write(rows);
    } catch (error) {
      // Rows that came from elsewhere, as from a tool for SQLite, may have taken the ids.
      const known = lastId;
      lastId = readLastId();
      if (lastId === known) throw error;
      write(rows);
    }
  };
}
