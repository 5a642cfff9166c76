import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { type Blow, bundleParent, strike } from "./test-support/orphans.ts";

it("leaves no engine behind after 100 ends of every kind", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "orphans-"));
  try {
    const parent = await bundleParent(folder);
    const blows: Blow[] = ["kill", "kill the group", "terminate", "interrupt"];
    let struckEngines = 0;
    for (let round = 0; round < 100; round++) {
      const from = round % 8 < 4 ? "first engine" : "start";
      const blow = blows[round % blows.length] ?? "kill";
      struckEngines += await strike(parent, blow, { afterMs: Math.random() * 2_000, from });
    }
    expect(struckEngines).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 600_000);
