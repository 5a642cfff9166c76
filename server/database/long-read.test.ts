import { expect, test } from "vitest";
import { fillUsage, readWhileSettling } from "./testing/long-read.ts";
import { openTestDatabase } from "./testing/test-database.ts";

test("reading 200,000 rows again and again stops neither the main thread nor settlements", async () => {
  const held = await openTestDatabase();
  try {
    fillUsage(held, 200_000);
    const report = await readWhileSettling(held, 1000);
    expect(report.requestsRead).toBeGreaterThan(200_000);
    expect(report.eventLoopDelayP99Ms).toBeLessThan(20);
    expect(report.settledDuringReads).toBeGreaterThan(20);
  } finally {
    await held.remove();
  }
});
