/** Each request is on the books once, whatever its end, with what engines have counted, to the nano-dollar. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditCrowd, expectNothingHeld } from "./accounting/audit.ts";
import { seedOfRun } from "./accounting/dice.ts";
import { openStage, type Stage } from "./accounting/stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => stage[Symbol.asyncDispose]());

test("600 requests of all kinds, of which three in ten are left by their clients", async () => {
  await auditCrowd(stage, { clients: 24, visitsEach: 25, seed: seedOfRun() });
  await expectNothingHeld(stage);
  expect(stage.gateway.logs()).not.toMatch(/"level":[56]0/);
});
