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
    for (let round = 0; round < 100; round++)
      struckEngines += await strike(
        parent,
        blows[round % blows.length] ?? "kill",
        100 + Math.random() * 2_000,
      );
    expect(struckEngines).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 600_000);
