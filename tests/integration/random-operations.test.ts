import { expect, test } from "vitest";
import { seedOfRun } from "./accounting/dice.ts";
import { play } from "./random-operations/play.ts";

test("40 random operations leave no engine, no port taken, and no slot in an impossible state", async () => {
  const { done, faults } = await play(40, seedOfRun());
  // How many are refused on the way depends on the machine's speed; what must be answered in the end does not.
  expect(faults).toEqual([]);
  expect(done).toBeGreaterThanOrEqual(40);
}, 180_000);
