import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { databasePaths } from "../../server/database/paths.ts";
import { auditBooks, noDifferences } from "../../server/database/testing/books.ts";
import { actor, settlement } from "../../server/database/testing/samples.ts";
import { openTestDatabase, type TestDatabase } from "../../server/database/testing/test-database.ts";
import { createAccounts } from "./accounts.ts";
import type { Accounts, Tier } from "./types.ts";

const adminKey = "sk-first-admin-key-of-the-tests";

let held: TestDatabase;
let accounts: Accounts;
let nextUser = 1;

beforeAll(async () => {
  held = await openTestDatabase();
  accounts = await createAccounts({ database: held.database });
  await accounts.ensureAdmin(adminKey);
});
afterEach(() => vi.useRealTimers());
afterAll(() => held.remove());

const dollar = 1_000_000_000;

/** A new user with ten dollars. */
function addUser(tier: Tier = "payg") {
  const email = `user${nextUser++}@example.com`;
  return accounts.createUser({ email, tier, balanceNanos: 10 * dollar }, actor, "first payment");
}

/** What a start of the gateway would find in the database. */
const restarted = () => createAccounts({ database: held.database });

test("a new user's key says who is asking, and no other key does", async () => {
  const { account, apiKey, key } = await addUser();
  expect(accounts.authenticate(apiKey)).toEqual({ account, key });
  expect(accounts.authenticate(apiKey)?.account).toBe(accounts.account(account.id));
  expect(key).toMatchObject({ userId: account.id, kind: "user", prefix: apiKey.slice(0, 8) });
  for (const wrong of ["", "sk-", `${apiKey}0`, apiKey.slice(0, -1), apiKey.toUpperCase(), key.prefix])
    expect(accounts.authenticate(wrong)).toBeNull();
});

test("an address can be taken once, however it is written", async () => {
  const { account } = await addUser();
  const again = { email: ` ${account.email.toUpperCase()} `, tier: "payg" as const };
  await expect(accounts.createUser(again, actor, "")).rejects.toMatchObject({ code: "conflict" });
});

test("a revoked key is refused at once, and the user's others are not", async () => {
  const { account, apiKey, key } = await addUser();
  const second = await accounts.createKey(account.id, { name: "laptop" }, actor);
  await accounts.revokeKey(key.id, actor);
  expect(accounts.authenticate(apiKey)).toBeNull();
  expect(accounts.authenticate(second.apiKey)?.key.name).toBe("laptop");
  expect(accounts.keysOf(account.id)).toEqual([key, second.key]);
  await expect(accounts.revokeKey(key.id, actor)).rejects.toMatchObject({ code: "not_found" });
  expect((await restarted()).authenticate(apiKey)).toBeNull();
});

test("a key with an end is refused from that moment on", async () => {
  const { account } = await addUser();
  vi.useFakeTimers({ now: 1_764_000_000_000, toFake: ["Date"] });
  const { apiKey } = await accounts.createKey(account.id, { expiresAtMs: 1_764_000_001_000 }, actor);
  vi.setSystemTime(1_764_000_000_999);
  expect(accounts.authenticate(apiKey)).not.toBeNull();
  vi.setSystemTime(1_764_000_001_000);
  expect(accounts.authenticate(apiKey)).toBeNull();
});

test("a charge lowers the balance in memory at once, and in the database before it resolves", async () => {
  const { account, key } = await addUser();
  const done = accounts.settle(settlement({ userId: account.id, keyId: key.id, costNanos: 7000 }));
  expect(account.balanceNanos).toBe(10 * dollar - 7000);
  await done;
  expect((await restarted()).account(account.id)?.balanceNanos).toBe(10 * dollar - 7000);
});

test.each([
  ["payg", 7000],
  ["sub", 7000],
  ["admin", 0],
] as const)("a request of tier %s takes %d from the balance", async (tier, charge) => {
  const { account } = await addUser(tier);
  await accounts.settle(settlement({ userId: account.id, costNanos: 7000 }));
  expect(account.balanceNanos).toBe(10 * dollar - charge);
});

test("a settlement without a sensible cost or user is refused and changes nothing", async () => {
  const { account } = await addUser();
  for (const costNanos of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])
    await expect(accounts.settle(settlement({ userId: account.id, costNanos }))).rejects.toThrow(RangeError);
  await expect(accounts.settle(settlement({ userId: 999_999 }))).rejects.toThrow(RangeError);
  expect(account.balanceNanos).toBe(10 * dollar);
});

test("a settlement that the database refuses gives the charge back", async () => {
  const { account } = await addUser();
  const bad = accounts.settle(settlement({ userId: account.id, costNanos: 7000, durationMs: Number.NaN }));
  const good = accounts.settle(settlement({ userId: account.id, costNanos: 500 }));
  await expect(bad).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_NOTNULL" });
  await good;
  expect(account.balanceNanos).toBe(10 * dollar - 500);
  expect(accounts.storageOk()).toBe(true);
});

test("a new balance is a ledger row for the difference, with its reason, beside charges", async () => {
  const { account } = await addUser();
  const charges = Array.from({ length: 20 }, () =>
    accounts.settle(settlement({ userId: account.id, costNanos: 1000 })),
  );
  const topUp = accounts.updateUser(account.id, { balanceNanos: 30 * dollar }, actor, "invoice 7");
  const correction = accounts.updateUser(account.id, { balanceNanos: 25 * dollar }, actor, "mistake");
  await Promise.all([...charges, topUp, correction]);
  expect(account.balanceNanos).toBe(25 * dollar);
  expect(
    held.inspect(
      `SELECT kind, amount_nanos, reason FROM ledger WHERE user_id = ${account.id} AND kind <> 'charge' ORDER BY id`,
    ),
  ).toEqual([
    { kind: "top_up", amount_nanos: 10 * dollar, reason: "first payment" },
    { kind: "top_up", amount_nanos: 20 * dollar + 20_000, reason: "invoice 7" },
    { kind: "correction", amount_nanos: -5 * dollar, reason: "mistake" },
  ]);
});

test("no charge is taken from what an admin takes away at the same moment", async () => {
  const { account, key } = await addUser();
  const change = accounts.updateUser(account.id, { balanceNanos: 0 }, actor, "closed");
  await new Promise(setImmediate);
  await accounts.settle(settlement({ userId: account.id, keyId: key.id, costNanos: 4 * dollar }));
  await change;
  expect(account.balanceNanos).toBe(0);
  expect((await restarted()).account(account.id)?.balanceNanos).toBe(0);
});

test("a balance stays within what can be counted exactly", async () => {
  const { account } = await addUser();
  const topUp = { kind: "top_up", amountNanos: 8_000_000 * dollar } as const;
  await accounts.addTransaction(account.id, topUp, actor, "rich");
  await expect(accounts.addTransaction(account.id, topUp, actor, "richer")).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a change is in force at once for everybody who holds the account, and after a restart", async () => {
  const { account, apiKey } = await addUser();
  const caller = accounts.authenticate(apiKey);
  const sessionVersion = account.sessionVersion;
  const change = { tier: "sub", active: false, limits: { models: ["tiny"] } } as const;
  await accounts.updateUser(account.id, { ...change, limits: { models: ["tiny"] } }, actor, "");
  expect(caller?.account).toMatchObject({ ...change, sessionVersion: sessionVersion + 1 });
  expect((await restarted()).account(account.id)).toEqual(account);
});

test("users and keys that are not there are 404", async () => {
  const notFound = { code: "not_found" };
  await expect(accounts.updateUser(999_999, { active: false }, actor, "")).rejects.toMatchObject(notFound);
  await expect(accounts.createKey(999_999, {}, actor)).rejects.toMatchObject(notFound);
  await expect(accounts.revokeKey(999_999, actor)).rejects.toMatchObject(notFound);
});

test("every admin action is in the audit log, without a secret", async () => {
  const admin = { userId: 1, keyId: 1, requestId: "req_audited" };
  const { account, apiKey, key } = await accounts.createUser(
    { email: "x@example.com", tier: "sub" },
    admin,
    "",
  );
  await accounts.updateUser(account.id, { active: false }, admin, "left");
  await accounts.revokeKey(key.id, admin);
  const rows = held.inspect<{ action: string; target: string; actor_user_id: number; detail: string }>(
    "SELECT action, target, actor_user_id, detail FROM audit_log WHERE request_id = 'req_audited' ORDER BY id",
  );
  expect(rows.map((row) => `${row.actor_user_id} ${row.action} ${row.target}`)).toEqual([
    `1 user.create user:${account.id}`,
    `1 key.create key:${key.id}`,
    `1 user.update user:${account.id}`,
    `1 key.revoke key:${key.id}`,
  ]);
  expect(JSON.stringify(rows)).not.toContain(apiKey);
});

test("the configuration's key belongs to the admin; asking again changes nothing", async () => {
  const caller = accounts.authenticate(adminKey);
  expect(caller).toMatchObject({
    account: { email: "admin@localhost", tier: "admin", active: true, balanceNanos: 0 },
    key: { kind: "config" },
  });
  const before = held.inspect("SELECT * FROM audit_log");
  await accounts.ensureAdmin(adminKey);
  await (await restarted()).ensureAdmin(adminKey);
  expect(held.inspect("SELECT * FROM audit_log")).toEqual(before);
});

test("a changed admin_key ends the old one and the admin's sessions, and an old one may come back", async () => {
  const other = "sk-second-admin-key-of-the-tests";
  const version = () => accounts.authenticate(other)?.account.sessionVersion;
  const before = accounts.authenticate(adminKey)?.account.sessionVersion ?? 0;
  await accounts.ensureAdmin(other);
  expect(accounts.authenticate(adminKey)).toBeNull();
  expect(version()).toBe(before + 1);
  const fresh = await restarted();
  expect(fresh.authenticate(adminKey)).toBeNull();
  expect(fresh.authenticate(other)?.key.kind).toBe("config");

  await accounts.ensureAdmin(adminKey);
  expect(accounts.authenticate(adminKey)?.key.kind).toBe("config");
  expect(accounts.authenticate(other)).toBeNull();
});

test("an admin who was disabled or demoted is one again after a start", async () => {
  const admin = accounts.authenticate(adminKey)?.account;
  await accounts.updateUser(admin?.id ?? 0, { active: false, tier: "payg" }, actor, "by mistake");
  await accounts.ensureAdmin(adminKey);
  expect(admin).toMatchObject({ active: true, tier: "admin" });
});

test("a user's key cannot be made the admin_key", async () => {
  const { apiKey } = await addUser();
  await expect(accounts.ensureAdmin(apiKey)).rejects.toMatchObject({ code: "conflict" });
  expect(accounts.authenticate(apiKey)?.key.kind).toBe("user");
  expect(accounts.authenticate(adminKey)?.key.kind).toBe("config");
});

test("1,000 settlements of 16 callers at once lose nothing", async () => {
  const { account } = await addUser();
  let left = 1000;
  const caller = async () => {
    while (left-- > 0) await accounts.settle(settlement({ userId: account.id, costNanos: 1 }));
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  expect(account.balanceNanos).toBe(10 * dollar - 1000);
  expect((await restarted()).account(account.id)?.balanceNanos).toBe(10 * dollar - 1000);
});

test("afterwards every balance is the sum of its ledger, and no key is in any file", async () => {
  const { apiKey } = await addUser();
  await accounts.flush();
  const { file } = databasePaths(held.dataDir);
  expect(auditBooks(file)).toEqual(noDifferences);
  for (const name of [file, `${file}-wal`]) {
    const bytes = await readFile(name, "latin1");
    expect(bytes.includes(apiKey)).toBe(false);
    expect(bytes.includes(adminKey)).toBe(false);
  }
});
