import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Blow, bundleParent, strike } from "./test-support/orphans.ts";

let folder: string;
let parent: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "orphans-"));
  parent = await bundleParent(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const blows: Blow[] = ["kill", "kill the group", "terminate", "interrupt"];

it("leaves no engine behind, whatever ends the gateway, whenever it does", async () => {
  let struckEngines = 0;
  for (let round = 0; round < 20; round++) {
    const blow = blows[round % blows.length] ?? "kill";
    struckEngines += await strike(parent, blow, 150 + Math.random() * 1_000);
  }
  // Most of the blows must have met something.
  expect(struckEngines).toBeGreaterThan(20);
}, 120_000);
