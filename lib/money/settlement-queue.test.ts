import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { settlement } from "../../server/database/testing/samples.ts";
import { DatabaseError, type SettlementEntry } from "../data/types.ts";
import { SettlementQueue } from "./settlement-queue.ts";

const full = new DatabaseError("database or disk is full", "SQLITE_FULL");
const broken = new DatabaseError("NOT NULL constraint failed", "SQLITE_CONSTRAINT_NOTNULL");

/** A queue on a pretended database: `write` decides about each batch, and accepted ids are kept in order. */
function queueOn(write: (ids: string[]) => Promise<void> | void) {
  const batches: string[][] = [];
  const accepted: string[] = [];
  const refused: string[] = [];
  const storage: boolean[] = [];
  const queue = new SettlementQueue({
    write: async (batch) => {
      const ids = batch.map((entry) => entry.settlement.requestId);
      batches.push(ids);
      await write(ids);
      accepted.push(...ids);
    },
    onRefused: (entry) => refused.push(entry.settlement.requestId),
    onStorage: (ok) => storage.push(ok),
    retryMs: 1,
  });
  return { queue, batches, accepted, refused, storage };
}

const entry = (requestId: string): SettlementEntry => ({
  settlement: settlement({ requestId }),
  chargeNanos: 1,
});

test("what ends in the same turn is one batch, and what waits meanwhile is the next", async () => {
  let finish = () => {};
  const first = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { queue, batches } = queueOn((ids) => (ids.includes("a") ? first : undefined));
  const done = [queue.add(entry("a")), queue.add(entry("b"))];
  await vi.waitFor(() => expect(batches).toEqual([["a", "b"]]));
  done.push(queue.add(entry("c")), queue.add(entry("d")));
  await nextTurn();
  done.push(queue.add(entry("e")));
  finish();
  await Promise.all(done);
  expect(batches).toEqual([
    ["a", "b"],
    ["c", "d", "e"],
  ]);
});

test("a settlement resolves after its batch is written, not before", async () => {
  let written = false;
  const { queue } = queueOn(async () => {
    await nextTurn();
    written = true;
  });
  await queue.add(entry("a"));
  expect(written).toBe(true);
});

test("while the storage fails nobody waits for it; everything stays queued, in order, and is written once it works", async () => {
  let diskFull = true;
  const { queue, accepted, storage } = queueOn(() => {
    if (diskFull) throw full;
  });
  const done = [queue.add(entry("a")), queue.add(entry("b"))];
  await vi.waitFor(() => expect(queue.storageOk).toBe(false));
  done.push(queue.add(entry("c")));
  await Promise.all(done);
  expect(accepted).toEqual([]);
  diskFull = false;
  await queue.flush();
  expect(accepted).toEqual(["a", "b", "c"]);
  expect(queue.storageOk).toBe(true);
  expect(storage).toEqual([false, true]);
});

test("one settlement that the database refuses fails alone, and is undone once", async () => {
  let fullOnce = true;
  const { queue, accepted, refused } = queueOn((ids) => {
    if (ids.includes("bad")) throw broken;
    if (ids[0] === "b" && fullOnce) {
      fullOnce = false;
      throw full;
    }
  });
  const results = await Promise.allSettled(["a", "bad", "b", "c"].map((id) => queue.add(entry(id))));
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  await queue.flush();
  expect(accepted.toSorted()).toEqual(["a", "b", "c"]);
  expect(refused).toEqual(["bad"]);
});

test("flush waits for everything that was added", async () => {
  const { queue, accepted } = queueOn(() => nextTurn());
  for (const id of ["a", "b", "c"]) queue.add(entry(id));
  await queue.flush();
  expect(accepted).toEqual(["a", "b", "c"]);
  await queue.flush();
});

test("a long queue is written in several transactions", async () => {
  const { queue, batches } = queueOn(() => {});
  await Promise.all(Array.from({ length: 1200 }, (_, index) => queue.add(entry(String(index)))));
  expect(batches.map((batch) => batch.length)).toEqual([500, 500, 200]);
});
