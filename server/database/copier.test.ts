import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tests/harness/wait.ts";
import { Connection } from "./connection.ts";
import { databasePaths } from "./paths.ts";
import { cause, keyRow, settlement } from "./testing/samples.ts";
import { inspect, openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;
beforeEach(async () => {
  held = await openTestDatabase();
});
afterEach(() => held.remove());

/** Copying these megabytes takes a good part of a second. */
const manyMegabytes = 200;

function makeLarge({ dataDir }: TestDatabase): void {
  const connection = new Connection(databasePaths(dataDir).file);
  connection.exec("PRAGMA synchronous = OFF; CREATE TABLE ballast (bytes BLOB)");
  connection.exec(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${manyMegabytes})
    INSERT INTO ballast SELECT zeroblob(1000000) FROM numbers`);
  connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  connection.close();
}

test("while a large copy is written, reads and settlements are answered, and the next copy waits", async () => {
  const { database, dataDir } = held;
  makeLarge(held);
  const user = { email: "a@example.com", tier: "payg" as const, balanceNanos: 0, limits: {} };
  await database.users.create(user, keyRow(), cause);
  await database.usage.totals(null, 0); // The thread for reading has started.
  const [target, nextTarget] = [path.join(dataDir, "copy.db"), path.join(dataDir, "next.db")];
  let isOver = false;
  const copied = database.backup(target).finally(() => {
    isOver = true;
  });
  const next = database.backup(nextTarget);
  const unfinished = (file = target) => existsSync(`${file}.${process.pid}.part`);
  await waitFor("the copy to be under way", () => unfinished(), { everyMs: 1 });
  await database.settle([{ settlement: settlement(), chargeNanos: 5 }]);
  expect(await database.usage.totals(null, 0)).toMatchObject({ requests: 1 });
  expect({ isOver, unfinished: unfinished() }).toEqual({ isOver: false, unfinished: true });
  await copied;
  expect(unfinished(nextTarget) || existsSync(nextTarget)).toBe(false);
  await next;
  expect(inspect(target, "SELECT count(*) AS n FROM ballast")).toEqual([{ n: manyMegabytes }]);
});

test("of copies at the same time each is whole, and closing waits for them", async () => {
  const { database, dataDir } = held;
  const folder = path.join(dataDir, "copies");
  const names = ["a.db", "b.db"];
  const copies = Promise.all(names.map((name) => database.backup(path.join(folder, name))));
  await database.close();
  expect((await readdir(folder)).toSorted()).toEqual(names);
  await copies;
  await expect(database.backup(path.join(folder, "c.db"))).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
});

test("a copy that fails is not in the way of the next one", async () => {
  const { database, dataDir } = held;
  const failed = database.backup(path.join(databasePaths(dataDir).file, "below-a-file.db"));
  const next = database.backup(path.join(dataDir, "next.db"));
  await expect(failed).rejects.toMatchObject({ code: "EEXIST" });
  expect(existsSync(path.join(dataDir, "next.db"))).toBe(false);
  await next;
  expect(existsSync(path.join(dataDir, "next.db"))).toBe(true);
});
