import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readEnvironment } from "../../lib/env.ts";
import { createSlots } from "./supervisor.ts";
import { MemoryConfig } from "./test-support/memory-config.ts";
import { abandon, type Blow, bundleParent, processesOf, strike } from "./test-support/orphans.ts";
import { eventually } from "./test-support/rig.ts";

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
    const from = round % 8 < 4 ? "first engine" : "start";
    struckEngines += await strike(parent, blow, { afterMs: Math.random() * 1_000, from });
  }
  // The blows must have met something: twelve of them wait for an engine.
  expect(struckEngines).toBeGreaterThan(12);
}, 120_000);

it("ends at the next start what a gateway left behind whose reaper died with it", async () => {
  const dataDir = await abandon(parent);
  expect((await processesOf(dataDir)).length).toBeGreaterThan(0);
  const environment = readEnvironment({ ...process.env, GATEWAY_DATA_DIR: dataDir });
  const slots = createSlots({ config: new MemoryConfig({}), environment, log: pino({ level: "silent" }) });
  await slots.start();
  // A stub that was not noted yet ends by itself.
  await eventually("nothing is left", async () =>
    (await processesOf(dataDir)).length === 0 ? true : undefined,
  );
  await slots.shutdown(0);
  await rm(dataDir, { recursive: true, force: true });
});
