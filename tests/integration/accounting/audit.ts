/** A crowd's visits and everything that they left behind, held against each other. */
import { expect } from "vitest";
import { type Crowd, runCrowd } from "./clients.ts";
import { type Deaths, runDeaths } from "./deaths.ts";
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
  expectVariety(visits);
  expect(rowFaults(visits, rows).slice(0, shown)).toEqual([]);
  expectEngines(rows, before, after);
  expectRemotes(stage, rows);
  await expectMoney(stage, rows);
  return visits;
}

/** Kills an engine under its clients. @throws AssertionError */
export async function auditDeaths(stage: Stage, deaths: Deaths): Promise<void> {
  const { dataDir } = stage.gateway;
  const known = usageRows(dataDir).length;
  const visits = await runDeaths(stage, deaths);
  await settled(stage, () => usageRows(dataDir).length);
  const all = usageRows(dataDir);
  const rows = all.slice(known);
  console.log(summary(visits, rows));
  expect(rowFaults(visits, rows).slice(0, shown)).toEqual([]);
  expect(rows.length).toBe(visits.length);
  const failed = rows.filter(({ outcome }) => outcome === "engine_failed");
  expect(failed.length).toBeGreaterThanOrEqual(deaths.kills);
  expect(failed.some(({ completion_tokens: tokens }) => tokens > 0)).toBe(true);
  await expectMoney(stage, all);
}

/** Everything that has to do with money. @throws AssertionError */
async function expectMoney(stage: Stage, rows: readonly FullUsageRow[]): Promise<void> {
  expect(priceFaults(rows, stage.askers).slice(0, shown)).toEqual([]);
  expect(await balanceFaults(stage, rows)).toEqual([]);
  expect(bookFaults(stage.gateway.dataDir)).toEqual([]);
}

/** Nothing may be held any more. It changes balances: so nothing can be audited by rows afterwards. */
export async function expectNothingHeld(stage: Stage): Promise<void> {
  expect(await holdFaults(stage)).toEqual([]);
  expect(bookFaults(stage.gateway.dataDir)).toEqual([]);
}

/** A run that does not meet all of these proves less than it says. */
function expectVariety(visits: readonly Visit[]): void {
  const seen = new Set(visits.map(({ question, status }) => `${question.asker} ${status}`));
  const due = [200, 400, 404, null].map((status) => `crowd ${status}`);
  const limits = ["stranger 401", "poor 200", "poor 402", "slow 200", "slow 429", "narrow 403", "lonely 200"];
  expect([...due, ...limits].filter((one) => !seen.has(one))).toEqual([]);
}

function expectEngines(rows: readonly FullUsageRow[], before: AllCounts, after: AllCounts): void {
  for (const use of ["exact", "embed", "rank"] as const)
    expect({ use, ...billed(rows, use) }).toMatchObject({ use, ...made(before[use], after[use]) });
  // What is read or written for clients that have left by then, nobody pays. An encoder that is left tells no count at
  // all: what it is paid then is an estimate, and it may have had no time to begin.
  const counted = rows.filter(({ estimated }) => estimated === 0);
  for (const use of ["left", "leftEmbed"] as const) {
    const [paid, work] = [billed(counted, use), made(before[use], after[use])];
    expect(paid.readTokens, use).toBeLessThanOrEqual(work.readTokens);
    expect(paid.cachedTokens, use).toBeLessThanOrEqual(work.cachedTokens ?? Number.POSITIVE_INFINITY);
    expect(paid.writtenTokens, use).toBeLessThanOrEqual(work.writtenTokens);
    expect(paid.readTokens, use).toBeGreaterThan(work.readTokens / 2);
  }
}

/** Each request that has reached a remote is on the books, whether anybody waited for its answer or not; no other pays. */
function expectRemotes({ remotes }: Stage, rows: readonly FullUsageRow[]): void {
  for (const [model, { requests }] of Object.entries(remotes)) {
    const ofModel = rows.filter((row) => row.model === model);
    expect(ofModel.length, model).toBeGreaterThanOrEqual(requests.length);
    const paying = ofModel.filter((row) => row.prompt_tokens > 0);
    expect(paying.length, model).toBeLessThanOrEqual(requests.length);
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
