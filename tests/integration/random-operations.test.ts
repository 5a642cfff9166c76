import { expect, test } from "vitest";
import { seedOfRun } from "./accounting/dice.ts";
import { play } from "./random-operations/play.ts";

test("40 random operations leave no engine, no port taken, and no slot in an impossible state", async () => {
  const { done, outcomes, faults } = await play(40, seedOfRun());
  expect(faults).toEqual([]);
  // Neither refusals alone, nor successes alone.
  expect(outcomes["ask 200"]).toBeGreaterThan(5);
  expect(outcomes["load 409"]).toBeGreaterThan(0);
  expect(done).toBeGreaterThanOrEqual(40);
}, 180_000);
