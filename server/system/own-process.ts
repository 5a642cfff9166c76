/** What the gateway's own process takes, and how late its main thread is. */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { ProcessFigures } from "../../lib/system/types.ts";
import manifest from "../../package.json" with { type: "json" };

/** Each is a wake-up of about 40 us, so they end when nobody has looked for some time. */
const resolutionMs = 20;
const nobodyLooksMs = 60_000;

const nanosPerMs = 1e6;
const microsPerMs = 1000;

export class OwnProcess {
  #before: { cpuMs: number; atMs: number } = { cpuMs: 0, atMs: 0 };
  #delays: IntervalHistogram | null = null;
  #idle: NodeJS.Timeout | null = null;

  figures(): ProcessFigures {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      ramBytes: rss,
      heapBytes: heapUsed,
      cpuPercent: this.#cpuPercent(),
      ...this.#lag(),
      uptimeS: Math.floor(process.uptime()),
      version: manifest.version,
    };
  }

  close(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#delays?.disable();
    this.#delays = null;
  }

  /** Since the look before; at the first one, since the process was started. */
  #cpuPercent(): number {
    const { user, system } = process.cpuUsage();
    const now = { cpuMs: (user + system) / microsPerMs, atMs: performance.now() };
    const { cpuMs, atMs } = this.#before;
    this.#before = now;
    return (100 * (now.cpuMs - cpuMs)) / Math.max(1, now.atMs - atMs);
  }

  #lag(): Pick<ProcessFigures, "lagP99Ms" | "lagMaxMs"> {
    this.#idle ??= setTimeout(() => this.close(), nobodyLooksMs).unref();
    this.#idle.refresh();
    const delays = this.#delays;
    if (!delays) {
      this.#delays = monitorEventLoopDelay({ resolution: resolutionMs });
      this.#delays.enable();
    }
    if (!delays || delays.count === 0) return { lagP99Ms: null, lagMaxMs: null };
    const lag = { lagP99Ms: beyondInterval(delays.percentile(99)), lagMaxMs: beyondInterval(delays.max) };
    delays.reset();
    return lag;
  }
}

/** Node measures from one wake-up to the next; what is beyond the interval is the delay. */
function beyondInterval(sinceLastNanos: number): number {
  return Math.max(0, sinceLastNanos / nanosPerMs - resolutionMs);
}
