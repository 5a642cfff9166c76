/** Answers how long the gateway was up. Anybody may ask, so an answer is kept for some seconds. */
import { type Clock, systemClock } from "../../lib/clock.ts";
import { msPerDay } from "../../lib/data/daily-usage.ts";
import type { Database } from "../../lib/data/types.ts";
import { type UpDay, upDays } from "../../lib/uptime/daily.ts";
import { type DayFacts, uptimeReport } from "../../lib/uptime/report.ts";
import { maxUptimeDays, type Uptime, type UptimeReport } from "../../lib/uptime/types.ts";
import type { UptimeRecord } from "./uptime-record.ts";

const keptMs = 10_000;

/** The database is asked for one of these spans, so that no series of questions makes it work more often. */
const askedDays = [31, 90, maxUptimeDays];

interface Facts extends DayFacts {
  daily: UpDay[];
}

export interface UptimeOptions {
  database: Pick<Database, "uptimeSpans" | "dailyUsage" | "systemSamples">;
  record: Pick<UptimeRecord, "current">;
  clock?: Clock;
}

export class UptimeHistory implements Uptime {
  readonly #options: UptimeOptions;
  readonly #clock: Clock;
  readonly #kept = new Map<number, { facts: Promise<Facts>; untilMs: number }>();

  constructor(options: UptimeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async report(days: number): Promise<UptimeReport> {
    const asked = askedDays.find((some) => days <= some) ?? maxUptimeDays;
    const { daily, latencyMs, models } = await this.#factsOf(asked);
    return uptimeReport(daily.slice(-days), { latencyMs, models });
  }

  #factsOf(days: number): Promise<Facts> {
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#kept.get(days);
    if (kept && nowMs < kept.untilMs) return kept.facts;
    const facts = this.#read(days);
    this.#kept.set(days, { facts, untilMs: nowMs + keptMs });
    facts.catch(() => this.#kept.delete(days)); // The next one asks again.
    return facts;
  }

  async #read(days: number): Promise<Facts> {
    const { database, record } = this.#options;
    const nowMs = this.#clock.wallMs();
    const last = Math.floor(nowMs / msPerDay);
    const first = last - days + 1;
    const current = record.current();
    const [{ firstStartMs, spans }, usage, models] = await Promise.all([
      database.uptimeSpans.since(first * msPerDay),
      database.dailyUsage.grouped("day", { firstDay: first, lastDay: last }),
      database.systemSamples.modelsByDay(first, last),
    ]);
    const stretches = spans.map(({ startedAtMs, seenAtMs }) => ({ fromMs: startedAtMs, toMs: seenAtMs }));
    const firstMs = current ? Math.min(current.fromMs, firstStartMs ?? current.fromMs) : firstStartMs;
    return {
      daily: upDays(current ? [...stretches, current] : stretches, firstMs, { first, last }, nowMs),
      latencyMs: new Map(usage.map(({ day, durationMs, requests }) => [day ?? 0, durationMs / requests])),
      models: new Map(models.map(({ day, models }) => [day, models])),
    };
  }
}
