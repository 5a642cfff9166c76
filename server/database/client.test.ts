import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "./client.ts";
import { Connection } from "./connection.ts";
import { databasePaths, migrationsDir } from "./paths.ts";
import { auditBooks, noDifferences } from "./testing/books.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { inspect } from "./testing/test-database.ts";
import { ThreadClient } from "./thread-client.ts";

let dataDir: string;
const file = () => databasePaths(dataDir).file;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-client-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 0, limits: {} };
const entry = () => ({ settlement: settlement(), chargeNanos: 5 });
const usageRows = (of: string) => inspect<{ n: number }>(of, "SELECT count(*) AS n FROM usage")[0]?.n;

test("the calls made before `close` are all answered, later ones are refused, and one file is left", async () => {
  const database = await openDatabase({ dataDir });
  await database.users.create(user, keyRow(), cause);
  const calls = Array.from({ length: 50 }, () => database.settle([entry()]));
  const read = database.usage.totals(null, 0);
  await database.close();
  await Promise.all(calls);
  expect((await read).requests).toBeLessThanOrEqual(50);
  await expect(database.users.load()).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
  await database.close();
  expect(await readdir(dataDir)).toEqual(["gateway.db"]);
  expect(usageRows(file())).toBe(50);
});

test("the files are their owner's alone", async () => {
  const database = await openDatabase({ dataDir });
  await database.users.create(user, keyRow(), cause);
  for (const name of ["gateway.db", "gateway.db-wal", "gateway.db-shm"])
    expect((await stat(path.join(dataDir, name))).mode & 0o777).toBe(0o600);
  await database.close();
});

test("a copy made while settlements go on is whole, and replaces an older one", async () => {
  const database = await openDatabase({ dataDir });
  await database.users.create(user, keyRow(), cause);
  const target = path.join(dataDir, "copies", "it's a copy.db");
  let settling = true;
  const settleAll = async () => {
    // With pauses: the books of every one are audited in the end.
    for (; settling; await delay(5)) await database.settle([entry(), entry()]);
  };
  const settled = settleAll();
  await database.backup(target);
  const first = usageRows(target) ?? 0;
  await database.backup(target);
  settling = false;
  await settled;
  await database.close();
  expect(usageRows(target)).toBeGreaterThan(first);
  expect((usageRows(target) ?? 1) % 2).toBe(0);
  expect(auditBooks(target)).toEqual(noDifferences);
  expect((await readdir(path.dirname(target))).filter((name) => name.includes("part"))).toEqual([]);
});

test("what the thread cannot open is said in words, when it is opened", async () => {
  await (await openDatabase({ dataDir })).close();
  const connection = new Connection(file());
  connection.exec("UPDATE _prisma_migrations SET migration_name = '20990101000000_future'");
  connection.close();
  await expect(openDatabase({ dataDir })).rejects.toThrow(/newer version.*20990101000000_future/s);
});

test("a thread that dies fails the calls under way; the next call starts another", async () => {
  const options = { role: "writer" as const, ...databasePaths(dataDir), migrationsDir };
  const thread = new ThreadClient(options);
  const { worker } = await thread.start();
  const ended = worker.terminate(); // First, or a quick answer could come before the end.
  const underWay = thread.call("users.load");
  await expect(underWay).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
  await ended;
  expect(await thread.call("users.load")).toEqual([]);
  await thread.close();
});

test("a call that the thread does not know is refused, as is an argument that cannot be copied", async () => {
  const thread = new ThreadClient({ role: "writer", ...databasePaths(dataDir), migrationsDir });
  await expect(thread.call("users.absent")).rejects.toThrow("users.absent");
  await expect(thread.call("users.load", () => {})).rejects.toThrow("could not be cloned");
  expect(await thread.call("users.load")).toEqual([]);
  await thread.close();
});

test("the thread for reading cannot write", async () => {
  await (await openDatabase({ dataDir })).close();
  const connection = new Connection(file(), { readOnly: true });
  expect(() => connection.exec("DELETE FROM users")).toThrow("readonly");
  connection.close();
});
