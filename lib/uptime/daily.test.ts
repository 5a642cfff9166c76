import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Stretch, upDays } from "./daily.ts";
import { uptimeReport } from "./report.ts";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const day = 20_000;
const at = (hours: number) => day * dayMs + hours * hourMs;
const today = (stretches: Stretch[], firstStartMs: number | null, nowMs: number) =>
  upDays(stretches, firstStartMs, { first: day, last: day }, nowMs)[0];
const noFacts = { latencyMs: new Map(), models: new Map() };

describe("upDays", () => {
  test("10 minutes without the gateway are 10 minutes less of that day", () => {
    const stretches = [
      { fromMs: at(-5), toMs: at(7) },
      { fromMs: at(7) + 10 * minuteMs, toMs: at(40) },
    ];
    const days = upDays(stretches, at(-5), { first: day - 1, last: day + 1 }, at(40));
    expect(days.map(({ upMs, expectedMs }) => [upMs, expectedMs])).toEqual([
      [5 * hourMs, 5 * hourMs], // From the first start.
      [dayMs - 10 * minuteMs, dayMs],
      [16 * hourMs, 16 * hourMs], // Up to now.
    ]);
  });

  test("a stretch over midnight counts for both days", () => {
    const days = upDays([{ fromMs: at(23), toMs: at(26) }], at(0), { first: day, last: day + 1 }, at(30));
    expect(days.map(({ upMs }) => upMs / hourMs)).toEqual([1, 2]);
  });

  test("stretches that overlap, as after a clock was set back, count once", () => {
    const stretches = [
      { fromMs: at(1), toMs: at(4) },
      { fromMs: at(2), toMs: at(3) },
      { fromMs: at(3), toMs: at(5) },
    ];
    expect(today(stretches, at(1), at(5))).toMatchObject({ upMs: 4 * hourMs, expectedMs: 4 * hourMs });
  });

  test("what lies in the future, as after a clock was ahead, does not count", () => {
    const stretches = [
      { fromMs: at(1), toMs: at(2) },
      { fromMs: at(20), toMs: at(21) },
    ];
    expect(today(stretches, at(1), at(2))).toMatchObject({ upMs: hourMs, expectedMs: hourMs });
    // It is even before the first start.
    expect(today(stretches, at(1), at(0.5))).toMatchObject({ upMs: 0, expectedMs: 0 });
  });

  test("no time is negative, counts twice, or is more than the day has, whatever the record says", () => {
    const moment = fc.integer({ min: at(-50), max: at(100) });
    const stretch = fc.tuple(moment, moment).map(([one, other]) => ({ fromMs: one, toMs: other }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 12 }), moment, moment, (stretches, first, now) => {
        const days = upDays(stretches, first, { first: day - 2, last: day + 3 }, now);
        for (const { upMs, expectedMs } of days) {
          expect(upMs).toBeGreaterThanOrEqual(0);
          expect(upMs).toBeLessThanOrEqual(expectedMs);
          expect(expectedMs).toBeLessThanOrEqual(dayMs);
        }
      }),
    );
  });
});

describe("uptimeReport", () => {
  test("says how each day was; days before the first start have no data and do not count", () => {
    const days = upDays(
      [
        { fromMs: at(24), toMs: at(36) },
        { fromMs: at(72), toMs: at(84) },
      ],
      at(24),
      { first: day, last: day + 3 },
      at(84),
    );
    const facts = { latencyMs: new Map([[day + 1, 12.5]]), models: new Map([[day + 3, 2]]) };
    const { overallPercent, daily } = uptimeReport(days, facts);
    expect(daily.map(({ status, uptimePercent }) => [status, uptimePercent])).toEqual([
      ["no_data", null],
      ["degraded", 50],
      ["down", 0],
      ["operational", 100],
    ]);
    expect(overallPercent).toBe(40); // 24 of 60 hours.
    expect(daily[1]).toMatchObject({ date: "2024-10-05", averageLatencyMs: 12.5, averageModels: null });
    expect(daily[3]).toMatchObject({ averageLatencyMs: null, averageModels: 2 });
  });

  test("a restart of a minute leaves a day operational, ten minutes do not", () => {
    const statusWith = (downMs: number) =>
      uptimeReport([{ day, upMs: dayMs - downMs, expectedMs: dayMs }], noFacts).daily[0]?.status;
    expect([statusWith(minuteMs), statusWith(10 * minuteMs)]).toEqual(["operational", "degraded"]);
  });
});
