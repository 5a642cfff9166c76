import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection } from "../../server/database/connection.ts";
import { databasePaths } from "../../server/database/paths.ts";
import { actor, settlement } from "../../server/database/testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "../../server/database/testing/test-database.ts";
import { verifyLedger } from "../../server/database/verify-ledger.ts";
import { createAccounts } from "./accounts.ts";
import type { Account, Accounts, Tier } from "./types.ts";

const dollar = 1_000_000_000;
const idle = () => false;
let held: TestDatabase;
let accounts: Accounts;

beforeAll(async () => {
  held = await openTestDatabase();
  accounts = await createAccounts({ database: held.database });
});
afterAll(() => held.remove());

const file = () => databasePaths(held.dataDir).file;

function addUser(name: string, tier: Tier = "payg") {
  const user = { email: `${name}@example.com`, tier, balanceNanos: 10 * dollar };
  return accounts.createUser(user, actor, `paid by ${name}@example.com`);
}

function ledgerFaults(): string[] {
  const connection = new Connection(file(), { readOnly: true });
  try {
    return verifyLedger(connection).differences;
  } finally {
    connection.close();
  }
}

/** Of everything that was ever written: an address can be left in free parts of a page, and in the WAL. */
async function placesOf(text: string): Promise<string[]> {
  const files = [file(), `${file()}-wal`];
  const contents = await Promise.all(files.map((one) => readFile(one, "latin1").catch(() => "")));
  return files.filter((_, index) => contents[index]?.toLowerCase().includes(text));
}

/** An account that has left traces everywhere. */
async function busyLife(name: string): Promise<{ account: Account; apiKey: string; keyId: number }> {
  const { account, apiKey, key } = await addUser(name);
  const { database } = held;
  await accounts.createKey(account.id, { name: `laptop of ${name}@example.com` }, actor);
  await accounts.updateUser(account.id, { tier: "sub" }, actor, `asked by ${name}@EXAMPLE.com`);
  await database.signups.submit(
    { email: account.email, tier: "payg", message: `I am ${name}@example.com`, userId: account.id },
    10,
    1,
  );
  await database.auditLog.record(
    "config.change",
    "config",
    { after: { from: `${name}@example.com` } },
    {
      actor,
      atMs: 1,
      reason: "",
    },
  );
  const answer = {
    keyId: key.id,
    nameHash: Buffer.alloc(32),
    requestHash: Buffer.alloc(32),
    contentType: "application/json",
    body: Buffer.from(`${name}@example.com`),
    createdAtMs: 1,
  };
  const along = { wasNoted: false, answer };
  await accounts.settle(settlement({ userId: account.id, keyId: key.id, costNanos: 5 * dollar }), along);
  return { account, apiKey, keyId: key.id };
}

/** Users all over the alphabet: to make room for them, SQLite moves rows, and leaves copies where they were. */
function addNeighbours(seed: number): void {
  const connection = new Connection(file());
  connection.exec(`INSERT INTO users (email, tier, created_at_ms)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
    SELECT char(97 + (n * 7919) % 26, 97 + (n * 104729) % 26) || '-${seed}-' || n || '@example.com', 'payg', 0 FROM numbers`);
  connection.close();
}

test("nothing names the user any more: no row, and no free part of the file", async () => {
  addNeighbours(1);
  const lives = [];
  for (const name of ["carl", "kim", "tom"]) lives.push(await busyLife(`${name}.gone`));
  addNeighbours(2);
  expect(await placesOf("m.gone")).not.toEqual([]);

  let isErased = false;
  for (const { account } of lives) isErased = await accounts.deleteUser(account.id, idle, actor);
  expect(isErased).toBe(true);
  expect(await placesOf(".gone@")).toEqual([]);
  const fresh = await createAccounts({ database: held.database });
  for (const { account, apiKey } of lives)
    for (const one of [accounts, fresh]) {
      expect(one.account(account.id)).toBeUndefined();
      expect(one.authenticate(apiKey)).toBeNull();
    }
});

test("longer addresses that have it in them stay as they are", async () => {
  const ann = await addUser("ann");
  const other = await addUser("joann");
  await accounts.deleteUser(ann.account.id, idle, actor);
  const entries = held.inspect<{ detail: string }>(
    `SELECT detail FROM audit_log WHERE target = 'user:${other.account.id}'`,
  );
  expect(entries.map(({ detail }) => detail).join()).toContain(other.account.email);
});

test("the sums stay true: the rest of the balance is written off, the requests are still counted", async () => {
  const { account } = await busyLife("dora");
  await accounts.deleteUser(account.id, idle, actor);
  expect(ledgerFaults()).toEqual([]);
  const rows = held.inspect(
    `SELECT kind, amount_nanos AS nanos, reason FROM ledger WHERE user_id = ${account.id}`,
  );
  expect(rows).toEqual([
    { kind: "top_up", nanos: 10 * dollar, reason: "removed with the user" },
    { kind: "charge", nanos: -5 * dollar, reason: "" },
    { kind: "correction", nanos: -5 * dollar, reason: "Balance written off: the user was deleted" },
  ]);
  expect(held.inspect(`SELECT count(*) AS n FROM usage WHERE user_id = ${account.id}`)).toEqual([{ n: 1 }]);
  expect(
    held.inspect(`SELECT email, active, balance_nanos AS nanos FROM users WHERE id = ${account.id}`),
  ).toEqual([{ email: `deleted-${account.id}@invalid`, active: 0, nanos: 0 }]);
  for (const table of ["signups", "invitations", "idempotent_answers"])
    expect(held.inspect(`SELECT count(*) AS n FROM ${table}`), table).toEqual([{ n: 0 }]);
});

test("the address can be used again, and the id cannot", async () => {
  const first = await busyLife("emil");
  await accounts.deleteUser(first.account.id, idle, actor);
  const again = await addUser("emil");
  expect(again.account.id).not.toBe(first.account.id);
  expect(again.key.id).toBeGreaterThan(first.keyId);
});

test("requests under way keep the user, as if nothing had been asked", async () => {
  const { account, apiKey } = await busyLife("fay");
  await expect(accounts.deleteUser(account.id, () => true, actor)).rejects.toMatchObject({
    code: "conflict",
  });
  expect(accounts.authenticate(apiKey)?.account).toMatchObject({ active: true, balanceNanos: 5 * dollar });
});

test("from the check on no request is admitted, and what was settled before is in the ledger", async () => {
  const { account } = await busyLife("gus");
  const settled = accounts.settle(settlement({ userId: account.id, costNanos: dollar }));
  const deleted = accounts.deleteUser(account.id, idle, actor);
  await new Promise(setImmediate);
  expect(account.active).toBe(false);
  await Promise.all([settled, deleted]);
  const balance = `SELECT balance_nanos AS nanos FROM users WHERE id = ${account.id}`;
  expect(held.inspect(balance)).toEqual([{ nanos: 0 }]);
  expect(ledgerFaults()).toEqual([]);
});

test("the last admin and the one of the configuration stay", async () => {
  await accounts.ensureAdmin("sk-first-admin-key-of-the-tests");
  const configured = accounts.list().find(({ tier }) => tier === "admin");
  const { account } = await addUser("hal", "admin");
  const stays = { code: "conflict" };
  await expect(accounts.deleteUser(configured?.id ?? 0, idle, actor)).rejects.toMatchObject(stays);
  await accounts.updateUser(configured?.id ?? 0, { active: false }, actor, "");
  await expect(accounts.deleteUser(account.id, idle, actor)).rejects.toMatchObject(stays);
  await accounts.updateUser(configured?.id ?? 0, { active: true }, actor, "");
  await accounts.deleteUser(account.id, idle, actor);
  await expect(accounts.deleteUser(account.id, idle, actor)).rejects.toMatchObject({ code: "not_found" });
});
