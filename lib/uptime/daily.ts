/** How much of each day the gateway was up, by the stretches of time in which it was. */
import { msPerDay } from "../data/daily-usage.ts";

/** From a moment up to another. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** One day, as far as the gateway could have been up in it: not before its first start, nor after now. */
export interface UpDay {
  /** Days since 1970-01-01, UTC. */
  day: number;
  upMs: number;
  expectedMs: number;
}

/**
 * @param stretches in any order. Where a clock was set back they may overlap, and where it was ahead they may lie in the
 * future: no moment counts twice, and none that has not come
 * @param firstStartMs null where the gateway was never up
 */
export function upDays(
  stretches: readonly Stretch[],
  firstStartMs: number | null,
  days: { first: number; last: number },
  nowMs: number,
): UpDay[] {
  const apart = withoutOverlaps(stretches);
  return Array.from({ length: days.last - days.first + 1 }, (_, index) => {
    const day = days.first + index;
    const fromMs = Math.max(day * msPerDay, firstStartMs ?? Number.POSITIVE_INFINITY);
    const toMs = Math.min((day + 1) * msPerDay, nowMs);
    const expectedMs = Math.max(0, toMs - fromMs);
    const upMs = apart.reduce((sum, stretch) => sum + overlapMs(stretch, { fromMs, toMs }), 0);
    return { day, upMs, expectedMs };
  });
}

function overlapMs(one: Stretch, other: Stretch): number {
  return Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));
}

/** The same moments, each in one stretch alone. */
function withoutOverlaps(stretches: readonly Stretch[]): Stretch[] {
  const apart: Stretch[] = [];
  for (const { fromMs, toMs } of stretches.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = apart.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else apart.push({ fromMs, toMs });
  }
  return apart;
}
