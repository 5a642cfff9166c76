import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { FifoLock } from "./fifo-lock.ts";

test("work runs one at a time, in the order of asking", async () => {
  const lock = new FifoLock();
  const events: string[] = [];
  const work = (name: string, turns: number) =>
    lock.run(async () => {
      events.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      events.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([work("a", 3), work("b", 0), work("c", 1)])).toEqual(["a", "b", "c"]);
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("work that fails gives the turn on", async () => {
  const lock = new FifoLock();
  const failing = lock.run(() => {
    throw new Error("no");
  });
  const next = lock.run(() => "next");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("next");
});

test("releasing twice lets nobody jump the queue", async () => {
  const lock = new FifoLock();
  const release = await lock.acquire();
  const second = lock.acquire();
  release();
  const releaseSecond = await second;
  release();
  let third = false;
  const waiting = lock.run(() => {
    third = true;
  });
  await nextTurn();
  expect(third).toBe(false);
  releaseSecond();
  await waiting;
  expect(third).toBe(true);
});
