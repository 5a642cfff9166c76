import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairOrder } from "./order.ts";

interface Waiter {
  name: string;
  party: { keyId: number; priority: number };
}

const waiter = (name: string, keyId: number, priority = 0): Waiter => ({ name, party: { keyId, priority } });

function emptied(order: FairOrder<Waiter>): string[] {
  const names: string[] = [];
  for (let next = order.next(); next; next = order.next()) names.push(next.name);
  return names;
}

describe("FairOrder", () => {
  it("serves key B second when A has queued a thousand before it", () => {
    const order = new FairOrder<Waiter>();
    for (let index = 0; index < 1_000; index++) order.add(waiter(`a${index}`, 1));
    order.add(waiter("b0", 2));
    expect([order.next()?.name, order.next()?.name, order.next()?.name]).toEqual(["a0", "b0", "a1"]);
    expect(order.size).toBe(998);
  });

  it("takes the keys in turn, each in its own order", () => {
    const order = new FairOrder<Waiter>();
    for (const name of ["a0", "a1", "a2"]) order.add(waiter(name, 1));
    for (const name of ["b0", "b1"]) order.add(waiter(name, 2));
    order.add(waiter("c0", 3));
    expect(emptied(order)).toEqual(["a0", "b0", "c0", "a1", "b1", "a2"]);
  });

  it("lets a higher priority go first", () => {
    const order = new FairOrder<Waiter>();
    order.add(waiter("low", 1, 0));
    order.add(waiter("high", 2, 5));
    order.add(waiter("lowest", 3, -5));
    expect(emptied(order)).toEqual(["high", "low", "lowest"]);
  });

  it("forgets who leaves, wherever it stands", () => {
    const order = new FairOrder<Waiter>();
    const leaving = waiter("a1", 1);
    order.add(waiter("a0", 1));
    order.add(leaving);
    order.add(waiter("a2", 1));
    order.remove(leaving);
    order.remove(leaving);
    expect(order.size).toBe(2);
    expect(emptied(order)).toEqual(["a0", "a2"]);
    expect(order.has({ keyId: 1, priority: 0 })).toBe(false);
  });

  it("lists everybody in the order in which they will be served", () => {
    const parties = fc.array(fc.record({ keyId: fc.nat(4), priority: fc.integer({ min: -1, max: 1 }) }));
    fc.assert(
      fc.property(parties, (all) => {
        const order = new FairOrder<Waiter>();
        for (const [index, party] of all.entries()) order.add({ name: `${index}`, party });
        const listed = [...order].map(({ name }) => name);
        expect(emptied(order)).toEqual(listed);
        expect(listed).toHaveLength(all.length);
      }),
    );
  });
});
