/** How late the main thread is, and how busy. */
import { type IntervalHistogram, monitorEventLoopDelay, performance } from "node:perf_hooks";

/** Each is a wake-up of about 40 us: 0.2% of a core, for a gateway whose metrics are read. */
const resolutionMs = 20;
const nanosPerSecond = 1e9;

export interface EventLoopReport {
  activeS: number;
  lagP99S: number;
  lagMaxS: number;
}

export class EventLoopMeter {
  #delays: IntervalHistogram | null = null;

  /**
   * Delays are those since the report before. The first one starts to measure them and has none: a gateway that nobody
   * looks at is not woken for it.
   */
  report(): EventLoopReport {
    const activeS = performance.eventLoopUtilization().active / 1000;
    const delays = this.#delays;
    if (!delays) {
      this.#delays = monitorEventLoopDelay({ resolution: resolutionMs });
      this.#delays.enable();
      return { activeS, lagP99S: 0, lagMaxS: 0 };
    }
    const report = { activeS, lagP99S: lagS(delays.percentile(99)), lagMaxS: lagS(delays.max) };
    delays.reset();
    return report;
  }
}

/** Node measures from one wake-up to the next; what is beyond the interval is the delay. */
function lagS(sinceLastNanos: number): number {
  return Math.max(0, sinceLastNanos / nanosPerSecond - resolutionMs / 1000);
}
