import { expect, test } from "vitest";
import { seedOfRun } from "./accounting/dice.ts";
import { play } from "./random-operations/play.ts";

test("1,000 random operations leave no engine, no port taken, and no slot in an impossible state", async () => {
  const { done, outcomes, faults } = await play(1_000, seedOfRun());
  console.log(JSON.stringify(outcomes));
  expect(faults).toEqual([]);
  // Neither refusals alone, nor successes alone: how many of each depends on the machine's speed.
  expect(outcomes["ask 200"]).toBeGreaterThan(0);
  expect(outcomes["load 409"]).toBeGreaterThan(0);
  expect(done).toBeGreaterThanOrEqual(1_000);
}, 1_800_000);
