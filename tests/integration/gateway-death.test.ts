import { expect, test } from "vitest";
import { dieRepeatedly } from "../harness/death-cycle.ts";

test("threat 8: 20 kills at random moments leave no process, a sound database and every answer's usage", async () => {
  const { faults, answers } = await dieRepeatedly(20);
  expect(faults).toEqual([]);
  // Every other gateway answers before it dies.
  expect(answers).toBeGreaterThanOrEqual(10);
}, 240_000);
