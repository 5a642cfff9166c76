import { afterEach, beforeEach, expect, test } from "vitest";
import { sample } from "../../lib/system/testing/sample.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";

const noonMs = Date.UTC(2026, 5, 1, 12);
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

let held: TestDatabase;
beforeEach(async () => {
  held = await openTestDatabase();
});
afterEach(() => held.remove());

const count = (span: string) =>
  held.inspect<{ n: number; first: number }>(
    `SELECT count(*) AS n, min(at_ms) AS first FROM system_samples WHERE span = '${span}'`,
  )[0];

test("minutes of a day are kept, and no more", async () => {
  const { record } = held.database.systemSamples;
  for (let minute = 0; minute < 1500; minute++) await record(noonMs + minute * minuteMs, sample());
  expect(count("minute")).toEqual({ n: 1440, first: noonMs + 60 * minuteMs });
  expect(count("hour")).toEqual({ n: 25, first: noonMs });
});

test("a moment of a wrong clock does not cost the history", async () => {
  const { record, since } = held.database.systemSamples;
  for (let hour = 0; hour < 5; hour++) await record(noonMs + hour * hourMs, sample());
  await record(Date.UTC(2099, 0, 1), sample());
  expect(await since("hour", noonMs, noonMs + dayMs)).toHaveLength(5);
});

test("models by day, by the time that each sample stands for", async () => {
  const { record, modelsByDay } = held.database.systemSamples;
  const ready = (models: number, seconds: number) =>
    sample({ seconds, ready_models: { avg: models, max: models } });
  await record(noonMs, ready(1, 1800));
  await record(noonMs + hourMs, ready(4, 600));
  await record(noonMs + dayMs, ready(2, 60));
  const day = noonMs / dayMs - 0.5;
  expect(await modelsByDay(day, day + 5)).toEqual([
    { day, models: 1.75 },
    { day: day + 1, models: 2 },
  ]);
  expect(await modelsByDay(day - 3, day - 1)).toEqual([]);
});
