/** As accounting.test.ts, with 10,000 requests over 64 connections, and more deaths. */
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

test("10,000 requests of all kinds, of which three in ten are left by their clients", async () => {
  const visits = await auditCrowd(stage, { clients: 64, visitsEach: 157, seed });
  expect(visits.length).toBeGreaterThanOrEqual(10_000);
  const tooMany = visits.filter(({ question, status }) => question.asker === "lonely" && status === 429);
  expect(tooMany.length).toBeGreaterThan(0);
  expect(stage.gateway.logs()).not.toMatch(/"level":[56]0/);
});

test("an engine that is killed under its clients", async () => {
  await auditDeaths(stage, { clients: 32, seed, kills: 4 });
});

test("nothing is held in the end", async () => {
  await expectNothingHeld(stage);
});
