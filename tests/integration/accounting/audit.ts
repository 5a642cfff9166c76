/** A crowd's visits and everything that they left behind, held against each other. */
import { expect } from "vitest";
import { type Crowd, runCrowd } from "./clients.ts";
import { type AllCounts, billed, countEngines, made } from "./engines.ts";
import { holdFaults } from "./holds.ts";
import { balanceFaults, bookFaults, priceFaults } from "./money.ts";
import { type FullUsageRow, rowFaults, usageRows } from "./rows.ts";
import { type Stage, settled } from "./stage.ts";
import type { Visit } from "./visit.ts";

/** Faults beyond these are more of the same. */
const shown = 10;

/** Runs the crowd on a fresh stage and audits what came of it. @throws AssertionError */
export async function auditCrowd(stage: Stage, crowd: Crowd): Promise<Visit[]> {
  const before = await countEngines(stage);
  const visits = await runCrowd(stage, crowd);
  const { dataDir } = stage.gateway;
  await settled(stage, () => usageRows(dataDir).length);
  const rows = usageRows(dataDir);
  const after = await countEngines(stage);
  console.log(summary(visits, rows));
  expect(rowFaults(visits, rows).slice(0, shown)).toEqual([]);
  expectEngines(rows, before, after);
  expectRemotes(stage, rows);
  await expectMoney(stage, rows);
  return visits;
}

/** Everything that has to do with money. @throws AssertionError */
export async function expectMoney(stage: Stage, rows: readonly FullUsageRow[]): Promise<void> {
  expect(priceFaults(rows, stage.askers).slice(0, shown)).toEqual([]);
  expect(await balanceFaults(stage, rows)).toEqual([]);
  expect(bookFaults(stage.gateway.dataDir)).toEqual([]);
}

/** Nothing may be held any more. It changes balances: so nothing can be audited by rows afterwards. */
export async function expectNothingHeld(stage: Stage): Promise<void> {
  expect(await holdFaults(stage)).toEqual([]);
  expect(bookFaults(stage.gateway.dataDir)).toEqual([]);
}

function expectEngines(rows: readonly FullUsageRow[], before: AllCounts, after: AllCounts): void {
  for (const use of ["exact", "embed", "rank"] as const)
    expect({ use, ...billed(rows, use) }).toEqual({ use, ...made(before[use], after[use]) });
  const [paid, work] = [billed(rows, "left"), made(before.left, after.left)];
  console.log("Engine whose clients left:", { paid, work });
  // What it made after its client had left nobody pays.
  expect(paid.writtenTokens).toBeLessThanOrEqual(work.writtenTokens);
  expect(paid.readTokens).toBeLessThanOrEqual(work.readTokens);
  expect(paid.writtenTokens).toBeGreaterThan(work.writtenTokens / 2);
  console.log("Encoder:", { paid: billed(rows, "leftEmbed"), work: made(before.leftEmbed, after.leftEmbed) });
}

/** Each request that has reached a remote is on the books, whether anybody waited for its answer or not. */
function expectRemotes({ remotes }: Stage, rows: readonly FullUsageRow[]): void {
  for (const [model, { requests }] of Object.entries(remotes)) {
    const ofModel = rows.filter((row) => row.model === model);
    expect(ofModel.length, model).toBeGreaterThanOrEqual(requests.length);
    const answered = ofModel.filter(({ outcome }) => outcome === "ok");
    for (const { estimated } of answered) expect(estimated, model).toBe(model === "mute" ? 1 : 0);
  }
}

function summary(visits: readonly Visit[], rows: readonly FullUsageRow[]) {
  return {
    visits: visits.length,
    left: visits.filter(({ end }) => end === "left").length,
    leftBeforeHead: visits.filter(({ end, requestId }) => end === "left" && requestId === null).length,
    statuses: countBy(visits, ({ status }) => String(status)),
    outcomes: countBy(rows, ({ outcome }) => outcome),
    kinds: countBy(visits, ({ question }) => question.kind),
  };
}

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
