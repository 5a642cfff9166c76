/** Whether all rows are priced to the nano-dollar, and all balances follow from them. */
import path from "node:path";
import { nanosFromDollars } from "../../../lib/money/nanos.ts";
import { Connection } from "../../../server/database/connection.ts";
import { auditBooks, noDifferences } from "../../../server/database/testing/books.ts";
import { verifyLedger } from "../../../server/database/verify-ledger.ts";
import { databaseFaults, queryDatabase } from "../../harness/database.ts";
import type { Askers, Asking } from "./askers.ts";
import { pricesOf } from "./models.ts";
import type { FullUsageRow } from "./rows.ts";
import type { Stage } from "./stage.ts";

/** Every user once, by the first of its keys. */
export function usersOf(askers: Askers): Asking[] {
  const all = Object.values(askers).flat().reverse();
  return [...new Map(all.map((asking) => [asking.userId, asking])).values()];
}

/** Rows that do not cost what their tokens do. Admins pay nothing. */
export function priceFaults(rows: readonly FullUsageRow[], askers: Askers): string[] {
  const admins = new Set(usersOf(askers).flatMap(({ tier, userId }) => (tier === "admin" ? [userId] : [])));
  return rows
    .filter((row) => {
      const cost = costOf(row);
      return row.cost_nanos !== cost || row.charge_nanos !== (admins.has(row.user_id) ? 0 : cost);
    })
    .map((row) => `It should cost ${costOf(row)}: ${JSON.stringify(row)}`);
}

/** The exact sum, rounded up once. */
function costOf(row: FullUsageRow): number {
  const { input, cachedInput, output } = pricesOf(row.model);
  const thousandfold =
    BigInt(row.prompt_tokens - row.cached_tokens) * BigInt(input) +
    BigInt(row.cached_tokens) * BigInt(cachedInput) +
    BigInt(row.completion_tokens) * BigInt(output);
  return Number((thousandfold + 999n) / 1000n);
}

/** Balances that are not what their user began with less what its rows charge: in the database, and as the API has them. */
export async function balanceFaults(
  { gateway, askers }: Stage,
  rows: readonly FullUsageRow[],
): Promise<string[]> {
  const { data } = await gateway.admin<{ data: { id: number; balance: number }[] }>("GET", "users");
  return usersOf(askers).flatMap(({ userId, startNanos }) => {
    const charges = rows.filter((row) => row.user_id === userId).map((row) => row.charge_nanos);
    const rightNanos = startNanos - charges.reduce((sum, charge) => sum + charge, 0);
    const [stored] = queryDatabase<{ balance_nanos: number }>(
      gateway.dataDir,
      "SELECT balance_nanos FROM users WHERE id = ?",
      userId,
    );
    const shown = nanosFromDollars(data.find(({ id }) => id === userId)?.balance ?? -1);
    if (rightNanos >= 0 && stored?.balance_nanos === rightNanos && shown === rightNanos) return [];
    return [`User ${userId} should have ${rightNanos}: ${stored?.balance_nanos} stored, ${shown} shown.`];
  });
}

/** What the product's own audits say, and what SQLite says of the file. */
export function bookFaults(dataDir: string): string[] {
  const file = path.join(dataDir, "gateway.db");
  const connection = new Connection(file, { readOnly: true });
  try {
    const audit = auditBooks(file);
    const isSame = JSON.stringify(audit) === JSON.stringify(noDifferences);
    return [
      ...verifyLedger(connection).differences,
      ...databaseFaults(dataDir),
      ...overdrafts(dataDir),
      ...(isSame ? [] : [JSON.stringify(audit)]),
    ];
  } finally {
    connection.close();
  }
}

/** Users that have ever had less than nothing, by the order of their ledger. */
function overdrafts(dataDir: string): string[] {
  const rows = queryDatabase<{ user_id: number; least: number }>(
    dataDir,
    `SELECT user_id, min(balance) AS least FROM
      (SELECT user_id, sum(amount_nanos) OVER (PARTITION BY user_id ORDER BY id) AS balance FROM ledger)
      GROUP BY user_id HAVING least < 0`,
  );
  return rows.map(({ user_id, least }) => `User ${user_id} once had ${least} nano-dollars.`);
}
