import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PrismaClient } from "../../lib/data/generated/client.ts";
import type { QueryContext } from "../../lib/data/query.ts";
import { usageRow } from "../../lib/data/settlement-row.ts";
import { FifoLock } from "../../lib/fifo-lock.ts";
import { Connection } from "./connection.ts";
import { migrate } from "./migrate.ts";
import { migrationsDir } from "./paths.ts";
import { queryContext } from "./query-context.ts";
import { settlementWriter } from "./settlement-writer.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { settlement } from "./testing/samples.ts";

let folder: string;
let file: string;
let connection: Connection;
let lock: FifoLock;
let context: QueryContext;
let prisma: PrismaClient;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "llm-gateway-adapter-"));
  file = path.join(folder, "gateway.db");
  await migrate({ file, backupsDir: folder, migrationsDir });
  connection = new Connection(file);
  lock = new FifoLock();
  context = queryContext(connection, lock);
  prisma = await context.prisma();
});
afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

const user = (email: string) => ({ email, tier: "payg", createdAtMs: 1 });

test("transactions that stay open for a while and roll back take no settlement along, of 1,000", async () => {
  await prisma.user.create({ data: { ...user("a@example.com") } });
  const write = settlementWriter(connection);
  let settled = 0;
  const settleOne = async () => {
    const row = usageRow({ settlement: settlement(), chargeNanos: 0 });
    await lock.run(() => write([row]));
    settled += 1;
  };
  const settleAll = async () => {
    while (settled < 1000) await Promise.all(Array.from({ length: 10 }, settleOne));
  };
  let rolledBack = 0;
  const adminActions = async () => {
    while (settled < 1000) {
      const action = prisma.$transaction(async (transaction) => {
        await transaction.user.create({ data: user(`b${rolledBack}@example.com`) });
        await nextTurn();
        await transaction.user.update({ where: { id: 1 }, data: { balanceNanos: { increment: 5 } } });
        await nextTurn();
        throw new Error("The admin's action failed.");
      });
      await expect(action).rejects.toThrow("The admin's action failed.");
      rolledBack += 1;
    }
  };
  await Promise.all([settleAll(), adminActions(), adminActions()]);

  expect(rolledBack).toBeGreaterThan(50);
  expect(connection.rows("SELECT count(*) AS n FROM usage")).toEqual([{ n: 1000 }]);
  expect(connection.rows("SELECT email, balance_nanos FROM users")).toEqual([
    { email: "a@example.com", balance_nanos: 0 },
  ]);
  expect(auditBooks(file)).toEqual(noDifferences);
});

test("a transaction whose COMMIT fails frees the connection, and the next one works", async () => {
  const action = prisma.$transaction(async (transaction) => {
    await transaction.user.create({ data: user("a@example.com") });
    // Checked at COMMIT only: the key refers to a user that is not there.
    await transaction.$executeRaw`PRAGMA defer_foreign_keys = ON`;
    await transaction.$executeRaw`INSERT INTO api_keys (user_id, name, prefix, hash, kind, created_at_ms)
      VALUES (99, '', '', '', 'user', 1)`;
  });
  await expect(action).rejects.toThrow();
  expect(connection.inTransaction).toBe(false);
  await prisma.user.create({ data: user("b@example.com") });
  expect(await context.rows("SELECT email FROM users")).toEqual([{ email: "b@example.com" }]);
});

test("when SQLite has rolled back by itself, later statements of the transaction are refused", async () => {
  const action = prisma.$transaction(async (transaction) => {
    await transaction.user.create({ data: user("a@example.com") });
    connection.exec("ROLLBACK");
    await transaction.user.create({ data: user("b@example.com") });
  });
  await expect(action).rejects.toThrow();
  expect(await context.rows("SELECT email FROM users")).toEqual([]);
});

test("a statement that fails takes only itself along", async () => {
  await prisma.$transaction(async (transaction) => {
    await transaction.user.create({ data: user("a@example.com") });
    await expect(transaction.user.create({ data: user("a@example.com") })).rejects.toMatchObject({
      code: "P2002",
    });
    await transaction.user.create({ data: user("c@example.com") });
  });
  expect(await context.rows("SELECT email FROM users ORDER BY email")).toEqual([
    { email: "a@example.com" },
    { email: "c@example.com" },
  ]);
});

test("a transaction within a transaction rolls back alone", async () => {
  await prisma.$transaction(async (outer) => {
    await outer.user.create({ data: user("a@example.com") });
    const inner = outer.$transaction(async (transaction) => {
      await transaction.user.create({ data: user("b@example.com") });
      throw new Error("no");
    });
    await expect(inner).rejects.toThrow("no");
    await outer.user.create({ data: user("c@example.com") });
  });
  expect(await context.rows("SELECT email FROM users ORDER BY email")).toEqual([
    { email: "a@example.com" },
    { email: "c@example.com" },
  ]);
});

test("values come back as they went in", async () => {
  const data = {
    email: 'ümlaut "quoted"; \u{1F600}',
    tier: "payg",
    active: false,
    balanceNanos: -9_007_199_254_740_991n,
    createdAtMs: 1_764_000_000_123n,
  };
  const { id } = await prisma.user.create({ data });
  expect(await prisma.user.findUnique({ where: { id } })).toMatchObject(data);
  await prisma.user.update({ where: { id }, data: { balanceNanos: 2n ** 62n } });
  expect(await prisma.user.findFirst()).toMatchObject({ balanceNanos: 2n ** 62n });
  const [row] = await prisma.$queryRaw<unknown[]>`SELECT ${1.5} AS half, ${null} AS empty, count(*) AS n,
    max(email) AS text FROM users WHERE active = ${false}`;
  expect(row).toEqual({ half: 1.5, empty: null, n: 1n, text: data.email });
});

test("a filter that is undefined is refused, instead of matching every row", async () => {
  const id: number | undefined = undefined;
  await expect(prisma.user.findFirst({ where: { id } })).rejects.toThrow("undefined");
});

test("SQLite's errors arrive with Prisma's codes", async () => {
  await prisma.user.create({ data: user("a@example.com") });
  await expect(prisma.user.create({ data: user("a@example.com") })).rejects.toMatchObject({ code: "P2002" });
  const key = { userId: 99, name: "", prefix: "", hash: "", kind: "user", createdAtMs: 1 };
  await expect(prisma.apiKey.create({ data: key })).rejects.toMatchObject({ code: "P2003" });
  await expect(prisma.$queryRaw`SELECT * FROM absent`).rejects.toMatchObject({ code: "P2010" });
});

test("a boolean or undefined never reaches libsql, which would end the process", () => {
  const statement = connection.prepare("SELECT ?");
  expect(() => statement.all([true as never])).toThrow(TypeError);
  expect(() => statement.all([undefined as never])).toThrow(TypeError);
});
