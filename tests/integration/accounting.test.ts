/** Each request is on the books once, whatever its end, with what engines have counted, to the nano-dollar. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditCrowd, auditDeaths, expectNothingHeld } from "./accounting/audit.ts";
import { seedOfRun } from "./accounting/dice.ts";
import { openStage, type Stage } from "./accounting/stage.ts";

const seed = seedOfRun();
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => stage[Symbol.asyncDispose]());

test("600 requests of all kinds, of which three in ten are left by their clients", async () => {
  await auditCrowd(stage, { clients: 24, visitsEach: 25, seed });
  expect(stage.gateway.logs()).not.toMatch(/"level":[56]0/);
});

test("an engine that is killed under its clients", async () => {
  await auditDeaths(stage, { clients: 12, seed, kills: 2 });
});

test("nothing is held in the end", async () => {
  await expectNothingHeld(stage);
});
