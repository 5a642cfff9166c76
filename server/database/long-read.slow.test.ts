import { expect, test } from "vitest";
import { fillUsage, readWhileSettling } from "./testing/long-read.ts";
import { openTestDatabase } from "./testing/test-database.ts";

test("a query over 5 million rows stops neither the main thread nor settlements", {
  timeout: 600_000,
}, async () => {
  const held = await openTestDatabase();
  try {
    fillUsage(held, 5_000_000);
    const report = await readWhileSettling(held, 5000);
    console.log(report);
    expect(report.requestsRead).toBeGreaterThan(5_000_000);
    expect(report.eventLoopDelayP99Ms).toBeLessThan(20);
    expect(report.settledDuringReads).toBeGreaterThan(100);
    expect(report.settlementP99Ms).toBeLessThan(100);
  } finally {
    await held.remove();
  }
});
