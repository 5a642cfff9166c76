import { afterEach, beforeEach, expect, it } from "vitest";
import { createAccounts } from "../../lib/money/accounts.ts";
import { Connection } from "./connection.ts";
import { databasePaths } from "./paths.ts";
import { settlement } from "./testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";
import { verifyLedger } from "./verify-ledger.ts";

let test: TestDatabase;
let connection: Connection;

beforeEach(async () => {
  test = await openTestDatabase();
  connection = new Connection(databasePaths(test.dataDir).file);
});
afterEach(async () => {
  connection.close();
  await test.remove();
});

/** A user with a balance, and requests that were paid from it. */
async function spend(): Promise<number> {
  const accounts = await createAccounts({ database: test.database });
  const nobody = { userId: null, keyId: null, requestId: "req_setup" };
  const user = { email: "a@example.org", tier: "payg" as const, balanceNanos: 1_000_000 };
  const { account, key } = await accounts.createUser(user, nobody, "test");
  for (let index = 0; index < 10; index++)
    await accounts.settle(
      settlement({ userId: account.id, keyId: key.id, requestId: `req_${index}`, costNanos: 1_000 + index }),
    );
  await accounts.flush();
  return account.id;
}

it("finds nothing where every balance is the sum of its ledger", async () => {
  await spend();
  expect(verifyLedger(connection)).toEqual({ users: 1, ledgerRows: 11, differences: [] });
});

it("names a balance that somebody changed by hand", async () => {
  const id = await spend();
  connection.exec(`UPDATE users SET balance_nanos = balance_nanos + 5 WHERE id = ${id}`);
  expect(verifyLedger(connection).differences).toEqual([
    `User ${id} (a@example.org) has $0.00098996, and the ledger gives $0.000989955.`,
  ]);
});

it("names requests that were charged twice, or not as their row says", async () => {
  await spend();
  connection.exec(`
    INSERT INTO ledger (user_id, kind, amount_nanos, request_id, at_ms)
      SELECT user_id, kind, 0, request_id, at_ms FROM ledger WHERE request_id = 'req_3';
    UPDATE usage SET charge_nanos = 7 WHERE request_id = 'req_4';`);
  expect(verifyLedger(connection).differences).toEqual([
    expect.stringMatching(/^Request req_3 was charged .* 2 ledger rows/),
    expect.stringMatching(/^Request req_4 was charged \$7e-9, and has 1 ledger rows/),
  ]);
});
