import { afterEach, beforeEach, expect, test } from "vitest";
import type { StartedRun } from "../../lib/data/slot-runs.ts";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let held: TestDatabase;
beforeEach(async () => {
  held = await openTestDatabase();
});
afterEach(() => held.remove());

const started = (change: Partial<StartedRun> = {}): StartedRun => ({
  port: 4801,
  modelId: "m",
  fingerprint: "1@2",
  settings: "{}",
  startedAtMs: 1_000,
  ...change,
});
const runs = () => held.database.slotRuns;

/** A run that was ready after so long, and took so much. */
async function finished(loadMs: number, memoryBytes: number | null, change: Partial<StartedRun> = {}) {
  const run = started(change);
  const id = await runs().begin(run);
  await runs().ready(id, run.startedAtMs + loadMs);
  if (memoryBytes !== null) await runs().measured(id, memoryBytes);
}

test("a run is written as it goes", async () => {
  const id = await runs().begin(started());
  const begun = { id, ...started(), cause: null, message: null, lastLines: [] };
  const open = { ...begun, readyAtMs: null, endedAtMs: null, memoryBytes: null };
  expect(await runs().history(4801, 10)).toEqual([open]);
  await runs().ready(id, 1_500);
  await runs().measured(id, 7_000_000_000);
  const end = { endedAtMs: 9_000, cause: "killed", message: "It was killed.", lastLines: ["a", "", "b"] };
  await runs().end(id, end);
  const known = { readyAtMs: 1_500, memoryBytes: 7_000_000_000 };
  expect(await runs().history(4801, 10)).toEqual([{ ...begun, ...known, ...end }]);
});

test("a history is of one slot, newest first, and no longer than asked for", async () => {
  for (const port of [4801, 4802, 4801, 4801]) await runs().begin(started({ port }));
  expect((await runs().history(4801, 2)).map(({ id }) => id)).toEqual([4, 3]);
  expect((await runs().history(4802, 2)).map(({ id }) => id)).toEqual([2]);
});

test("only the last runs of a slot are kept", async () => {
  for (const port of [4801, 4801, 4802, 4801]) await runs().begin(started({ port }));
  await runs().prune(4801, 3);
  expect(await runs().history(4801, 10)).toHaveLength(3);
  await runs().prune(4801, 2);
  expect((await runs().history(4801, 10)).map(({ id }) => id)).toEqual([4, 2]);
  expect(await runs().history(4802, 10)).toHaveLength(1);
});

test("runs that a dead gateway left open are ended, and no others", async () => {
  const [starting, ready, over] = [1, 2, 3].map(() => runs().begin(started()));
  await runs().ready((await ready) ?? 0, 1_400);
  const end = { endedAtMs: 9_000, cause: "killed", message: "x", lastLines: [] };
  await runs().end((await over) ?? 0, end);
  await starting;
  expect(await runs().closeOpen("gateway_ended", "gone")).toBe(2);
  const seen = (await runs().history(4801, 10)).map(({ cause, endedAtMs }) => [cause, endedAtMs]);
  expect(seen).toEqual([
    ["killed", 9_000],
    ["gateway_ended", 1_400],
    ["gateway_ended", 1_000],
  ]);
});

test("what was learned is the median of the last ready runs with the same files and settings", async () => {
  expect(await runs().learned("m", "1@2", "{}")).toBeNull();
  await runs().begin(started());
  expect(await runs().learned("m", "1@2", "{}")).toBeNull();
  for (const [index, loadMs] of [90_000, 100, 300, 200, 500, 400].entries())
    await finished(loadMs, null, { startedAtMs: index });
  expect(await runs().learned("m", "1@2", "{}")).toEqual({ loadMs: 300, memoryBytes: null });
  await finished(1, 5_000, { startedAtMs: 7, port: 4802 });
  expect(await runs().learned("m", "1@2", "{}")).toEqual({ loadMs: 300, memoryBytes: 5_000 });
  await finished(9, 9, { startedAtMs: 8, settings: '{"a":1}' });
  await finished(9, 9, { startedAtMs: 8, fingerprint: "1@3" });
  await finished(9, 9, { startedAtMs: 8, modelId: "n" });
  expect(await runs().learned("m", "1@2", "{}")).toEqual({ loadMs: 300, memoryBytes: 5_000 });
});
